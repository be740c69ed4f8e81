using System.Text.RegularExpressions;

namespace IntegrityTools.Configuration.Backups;

/// <summary>
/// Tells whether a configuration file holds what looks like a secret. What cannot be judged counts as one: a comment may be a value that was
/// taken out, and a format that nobody knows has its values anywhere behind their names.
/// </summary>
internal static partial class SecretText
{
    // Names of secrets, with what may stand before them; short words count whole only (DB_PASS and dbPass, not bypass), and with what sets a value.
    private const string Word =
        "passwor[dt]|passwd|passphrase|passcode|requirepass|masterauth|setcookie|pwd|secret|token|credential" +
        "|(api|access|private|account|encryption|sign|signing|signature|master|shared|session|auth|client|service|admin|license|ssh|hmac)[_. -]?key";

    private const string Short = @"(^|[^a-z\r\n])(pass|auth|authorization|bearer|cookie|psk|pin|pw)|(?-i:[a-z0-9](Pass|Auth))";

    private const string PublicKey = "PublicKey";

    // A value behind its name: beside it, on a line after it, in a list or a map, quoted or not; an empty one is none.
    private const string Value = @"[""'\]]*\s*([:=>]#|[:=>]([\s:=>\[{(|&!-]|\s#[^\n]*\n)*([""'`][^\s""'`]|""""""|'''|[^\s""'`#,;})\]<:=>\[{(|&!-]|<!))";

    /// <summary>Why a file counts as secret, as a clause; null: it does not.</summary>
    public static string? ReasonFor(string path, byte[] content)
    {
        var text = ConfigurationFile.TextOf(content);
        return LineOf(text) is { } line ? $"line {line} looks like a secret"
            : text.Contains('\0', StringComparison.Ordinal) ? "it is no text, in which a secret could be seen,"
            : FileName().IsMatch(Path.GetFileName(path)) ? "its name is one of a secret's"
            : null;
    }

    private static int? LineOf(string text)
    {
        var found = Name(text)
            ?? new[] { ShortNamed(), Spaced(), Beside(), Key(), Section(), Bearer(), Issued(), Account(), Address(), Hash(), PrivateKey() }.Select(find => find.Match(text)).FirstOrDefault(match => match.Success)
            ?? Run().Matches(text).FirstOrDefault(match => IsOpaque(match.ValueSpan));
        return found is null ? null : text.AsSpan(0, found.Index).Count('\n') + 1;
    }

    // Behind a harmless name its value is looked at, too: it may be another name.
    private static Match? Name(string text)
    {
        var found = Named().Match(text);
        while (found.Success && IsHarmless(text, found))
        {
            found = Named().Match(text, found.Groups["rest"].Index + found.Groups["rest"].Length);
        }

        return found.Success ? found : null;
    }

    private static bool IsHarmless(string text, Match name)
    {
        var start = text.LastIndexOf('\n', name.Index) + 1;
        var end = text.IndexOf('\n', name.Index);
        var line = text.AsSpan(start, (end < 0 ? text.Length : end) - start);
        return Place().IsMatch(name.Groups["rest"].ValueSpan) || Switch().IsMatch(line) || Assembly().IsMatch(text.AsSpan(Math.Max(start, name.Index - PublicKey.Length)));
    }

    // What nobody writes by hand: both cases and digits in one run of letters.
    private static bool IsOpaque(ReadOnlySpan<char> run) =>
        run.ContainsAnyInRange('A', 'Z') && run.ContainsAnyInRange('a', 'z') && run.IndexOfAnyInRange('0', '9') is var digit and >= 0 && run[(digit + 1)..].ContainsAnyInRange('0', '9');

    [GeneratedRegex($@"({Word})(?<rest>[\w.-]*){Value}", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Named();

    // Names that say where a secret is, or what one must be like.
    [GeneratedRegex(
        "(file|path|folder|directory|dir|environment|env|ref|name|field|endpoint|length|policy|scheme|type|required|enabled|ized?|izer" +
        "|(lifetime|ttl|timeout|expiry|expiration|expires|validity|m(ax|in)[_-]?age)([_-]?(in)?[_-]?(ms|milliseconds|seconds|minutes|hours|days))?)s?$",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Place();

    // A line that is nothing but a switch.
    [GeneratedRegex(@"^\s*(-\s+|export\s+)?[""']?[\w.-]+[""']?\s*[:=]\s*(true|false|null)\s*,?\s*$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Switch();

    // By which .NET's configurations name a library; everybody has it.
    [GeneratedRegex($@"^{PublicKey}Token[""']?\s*=\s*[""']?([0-9a-f]{{16}}|null)\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Assembly();

    [GeneratedRegex($"({Short})s?{Value}", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex ShortNamed();

    // As in .netrc and in a command's options, where a blank sets the value; comments talk of passwords.
    [GeneratedRegex($@"^[^#\n]*({Word})[ \t]+[^\s#:=|}}\]]", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Spaced();

    // The name is a value itself, and its value stands in the next attribute, member or element.
    [GeneratedRegex($@"({Word})s?([""']\s+[\w:]+\s*=|[""']?\s*,?\s*[""']?value[""']?\s*[:=]|</(key|name)>)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Beside();

    [GeneratedRegex(@"key[""']?\s*[:=>]\s*[""']?[\w+=-][\w+/=-]{15}", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Key();

    // All of a section of an ini or a TOML file, as CouchDB's administrators; and a manifest whose values stand under any names.
    [GeneratedRegex($@"^[ \t]*\[+[^\]\n]*(admins|{Word})s?[""']?\]|\bkind[""']?:\s*[""']?secret\b", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Section();

    // A header's value wherever it stands, as in a command line's quotes.
    [GeneratedRegex(@"^[^#\r\n]*\b(bearer|basic)[ \t]+[\w.~+/\-]{6}", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Bearer();

    // Keys that are known by how they begin, and addresses that are secrets themselves.
    [GeneratedRegex(@"hooks\.slack\.com/|[?&](\w*key|sig|code)=\w|\b((AKIA|ASIA)[A-Z0-9]{16}|gh[opsru]_[A-Za-z0-9]{36}|github_pat_|glpat-|xox[abeprs]-|[rs]k_(live|test)_|eyJ[\w-]+\.|sig=)", RegexOptions.NonBacktracking)]
    private static partial Regex Issued();

    // curl's users, and a line of .pgpass.
    [GeneratedRegex(@"(\buser[""']?([ \t]*[:=]|[ \t])|(^|[ \t])-u)[ \t]*[""']?[a-z][^\s:""'/]*:[^\s""'/]|^[^\s#:]+:(\d+|\*):[^\s:]+:[^\s:]+:\S", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Account();

    [GeneratedRegex(@"://[^/\s:@""']*:[^\s@""']+@", RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    [GeneratedRegex(@"\$(apr1|1|2[abxy]|5|6|7|y|argon2\w*)\$[^\s$]+\$|-(pbkdf2|hashed)-|\{S?SHA\d*\}", RegexOptions.NonBacktracking)]
    private static partial Regex Hash();

    [GeneratedRegex("-----BEGIN [A-Z0-9 ]*PRIVATE KEY|^Private-Lines", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex PrivateKey();

    [GeneratedRegex("[A-Za-z0-9]{20,}", RegexOptions.NonBacktracking)]
    private static partial Regex Run();

    [GeneratedRegex(@"passw|secret|token|credential|cookie|netrc|pgpass|^id_[a-z0-9]+$|\.(key|p12|pfx|jks|keystore|kdbx)$", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex FileName();
}
