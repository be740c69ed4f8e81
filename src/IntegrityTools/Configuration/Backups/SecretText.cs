using System.Text.RegularExpressions;

namespace IntegrityTools.Configuration.Backups;

/// <summary>Tells whether a configuration file holds what looks like a secret.</summary>
internal static partial class SecretText
{
    /// <summary>The line of the first one, counted from 1; null: there is none.</summary>
    public static int? LineOf(byte[] content)
    {
        var text = ConfigurationFile.TextOf(content);
        foreach (var find in new[] { Value(), Bearer(), Issued(), Address(), PrivateKey() })
        {
            if (find.Match(text) is { Success: true } found)
            {
                return text.AsSpan(0, found.Index).Count('\n') + 1;
            }
        }

        return null;
    }

    // A name such as DB_PASSWORD or "api-key" with a value behind it, anywhere in a line but in a comment; names that say where the secret is
    // (password_file) have none; short words count as whole words only (DB_PASS and dbPass, not bypass). XML has the value between tags or in an attribute of its own.
    [GeneratedRegex(
        @"^([^#\r\n]*[ \t""'{,;&?(<])?([\w.\-]*(password|passwd|pwd|passphrase|secret|token|api[_\-]?key|access[_\-]?key|private[_\-]?key|credentials?)|([\w.\-]*[_.\-])?(pass|auth|authorization|bearer)|[\w.\-]*(?-i:[a-z0-9](Pass|Auth)))([""']?[ \t]*[:=>]|[""'][ \t]+value[ \t]*=)[ \t]*[""']?[^\s""'#{\[<,;)]",
        RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Value();

    // A header's value wherever it stands, as in a command line's quotes.
    [GeneratedRegex(@"^[^#\r\n]*\bbearer[ \t]+[\w.~+/\-]{6}", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Bearer();

    // Keys that are known by how they begin: those of AWS and of GitHub.
    [GeneratedRegex(@"\b((AKIA|ASIA)[A-Z0-9]{16}|gh[opsru]_[A-Za-z0-9]{36})\b", RegexOptions.NonBacktracking)]
    private static partial Regex Issued();

    [GeneratedRegex(@"://[^/\s:@""']+:[^/\s@""']+@", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----", RegexOptions.NonBacktracking)]
    private static partial Regex PrivateKey();
}
