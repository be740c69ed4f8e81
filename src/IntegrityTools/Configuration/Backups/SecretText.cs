using System.Text.RegularExpressions;

namespace IntegrityTools.Configuration.Backups;

/// <summary>Tells whether a configuration file holds what looks like a secret.</summary>
internal static partial class SecretText
{
    /// <summary>The line of the first one, counted from 1; null: there is none.</summary>
    public static int? LineOf(byte[] content)
    {
        var text = ConfigurationFile.TextOf(content);
        foreach (var find in new[] { Value(), Address(), PrivateKey() })
        {
            if (find.Match(text) is { Success: true } found)
            {
                return text.AsSpan(0, found.Index).Count('\n') + 1;
            }
        }

        return null;
    }

    // A name such as DB_PASSWORD or "api-key" with a value behind it, anywhere in a line but in a comment; names that say where the secret is
    // (password_file) have none. XML has the value between tags or in an attribute of its own.
    [GeneratedRegex(
        @"^([^#\r\n]*[ \t""'{,;&?(<])?[\w.\-]*(password|passwd|pwd|passphrase|secret|token|api[_\-]?key|private[_\-]?key|credentials?)([""']?[ \t]*[:=>]|[""'][ \t]+value[ \t]*=)[ \t]*[""']?[^\s""'#{\[<,;)]",
        RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Value();

    [GeneratedRegex(@"://[^/\s:@""']+:[^/\s@""']+@", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----", RegexOptions.NonBacktracking)]
    private static partial Regex PrivateKey();
}
