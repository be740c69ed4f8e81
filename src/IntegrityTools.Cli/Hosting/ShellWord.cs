namespace IntegrityTools.Cli.Hosting;

/// <summary>A word as one types it into a shell.</summary>
internal static class ShellWord
{
    public static string Of(string word) =>
        word.Length > 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "-_./:@=,+".Contains(letter, StringComparison.Ordinal);
}
