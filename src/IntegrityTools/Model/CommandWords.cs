namespace IntegrityTools.Model;

/// <summary>
/// Names commands in messages in the words of the face at hand: whoever works with cmdlets is not told to run another program. What is recorded in a
/// plan or an issue names both, since another face may show it.
/// </summary>
public static class CommandWords
{
    /// <summary>The face, which a host sets once when it starts.</summary>
    public static CommandFace Face { get; set; } = CommandFace.Any;

    /// <summary>A command within a sentence, in quotes.</summary>
    /// <param name="commandLine">The verb with its arguments: <c>integrity backup list</c>.</param>
    /// <param name="powerShell">The cmdlet with its parameters.</param>
    public static string Command(string commandLine, string powerShell) => Face switch
    {
        CommandFace.CommandLine => $"'{commandLine}'",
        CommandFace.PowerShell => $"'{powerShell}'",
        _ => $"'{commandLine}' ({powerShell})",
    };

    /// <summary>A command as a line of its own, to be run as it stands; without a face the command line's.</summary>
    /// <param name="commandLine">The verb with its arguments, each a <see cref="Argument"/>.</param>
    /// <param name="powerShell">The cmdlet with its parameters, likewise.</param>
    public static string Line(string commandLine, string powerShell) => Face == CommandFace.PowerShell ? powerShell : commandLine;

    /// <summary>An option within a sentence.</summary>
    /// <param name="commandLine">The option: <c>--ledger</c>.</param>
    /// <param name="powerShell">The parameter: <c>-Ledger</c>.</param>
    public static string Option(string commandLine, string powerShell) => Face switch
    {
        CommandFace.CommandLine => commandLine,
        CommandFace.PowerShell => powerShell,
        _ => $"{commandLine} ({powerShell})",
    };

    /// <summary>A value as one types it into the shell of the face at hand, quoted where it must be.</summary>
    /// <param name="value">The value.</param>
    public static string Argument(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Length > 0 && value.All(IsPlain) ? value
            : $"'{value.Replace("'", Face == CommandFace.PowerShell ? "''" : "'\\''", StringComparison.Ordinal)}'";
    }

    // What neither a POSIX shell nor PowerShell gives a meaning to; a comma and an @ PowerShell does.
    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter)
        || "-_./:=+".Contains(letter, StringComparison.Ordinal)
        || (Face != CommandFace.PowerShell && ",@".Contains(letter, StringComparison.Ordinal));
}
