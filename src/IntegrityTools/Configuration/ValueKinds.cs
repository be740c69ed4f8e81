using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>The kinds of single values that integrity.yaml has.</summary>
internal static class ValueKinds
{
    public static ScalarKind<bool> Flag { get; } = new("true or false", ReadFlag, value => value ? "true" : "false");

    public static ScalarKind<string> Text { get; } = new("a text", ReadText, value => value);

    public static ScalarKind<string?> FilePath { get; } = new("a path; a relative one starts at this file's folder", ReadPath, value => value ?? string.Empty);

    /// <summary>Where a JSON Schema is.</summary>
    public static ScalarKind<string> SchemaPlace { get; } = new("a path, or document:ID for a document of the database", ReadSchemaPlace, value => value);

    /// <summary>A path that must be given.</summary>
    public static ScalarKind<string> FileName { get; } = new("a path; a relative one starts at this file's folder", ReadFileName, value => value);

    public static ScalarKind<string?> OptionalText { get; } = new("a text", ReadText, value => value ?? string.Empty);

    /// <summary>The name of an environment variable; what is not one may be the secret itself and is not shown.</summary>
    public static ScalarKind<string?> Variable { get; } = new("the name of an environment variable", ReadVariable, value => value ?? string.Empty);

    public static ScalarKind<CronLine> Cron { get; } = new("a cron line of five fields such as \"0 2 * * *\"", ReadCron, value => value.Text);

    public static ScalarKind<int> Number(int lowest, int highest) => new(NumberName(lowest, highest), NumberParser(lowest, highest), Write);

    public static ScalarKind<int?> OptionalNumber(int lowest, int highest)
    {
        var parse = NumberParser(lowest, highest);
        return new(
            NumberName(lowest, highest),
            (ScalarNode node, ConfigurationReader reader, out int? value, out string? reason) =>
            {
                var read = parse(node, reader, out var number, out reason);
                value = number;
                return read;
            },
            value => value is { } number ? Write(number) : string.Empty);
    }

    public static ScalarKind<TimeSpan> Span(TimeSpan lowest, TimeSpan highest)
    {
        var name = $"a duration from {Duration.Format(lowest)} to {Duration.Format(highest)}, such as 30s, 5m, 24h, 30d or 1h30m";
        return new(
            name,
            (ScalarNode node, ConfigurationReader _, out TimeSpan value, out string? reason) =>
            {
                reason = null;
                return Duration.TryParse(node.Text, out value) && value >= lowest && value <= highest;
            },
            Duration.Format);
    }

    public static ScalarKind<T> Code<T>()
        where T : struct, Enum => new(CodeName<T>(), ReadCode, Codes.Of, text => NearestWord.Of(text, Codes.All<T>()));

    public static ScalarKind<T?> OptionalCode<T>()
        where T : struct, Enum => new(
            CodeName<T>(),
            (ScalarNode node, ConfigurationReader reader, out T? value, out string? reason) =>
            {
                var read = ReadCode<T>(node, reader, out var code, out reason);
                value = code;
                return read;
            },
            value => value is { } code ? Codes.Of(code) : string.Empty,
            text => NearestWord.Of(text, Codes.All<T>()));

    private static string CodeName<T>()
        where T : struct, Enum => $"one of {string.Join(", ", Codes.All<T>())}";

    private static string NumberName(int lowest, int highest) => $"a whole number from {lowest} to {highest}";

    private static string Write(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static ScalarKind<int>.Parser NumberParser(int lowest, int highest) =>
        (ScalarNode node, ConfigurationReader _, out int value, out string? reason) =>
        {
            (reason, value) = (null, 0);
            return node.Plain
                && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                && value >= lowest && value <= highest;
        };

    private static bool ReadFlag(ScalarNode node, ConfigurationReader reader, out bool value, out string? reason)
    {
        (reason, value) = (null, false);
        return node.Plain && bool.TryParse(node.Text, out value);
    }

    private static bool ReadText(ScalarNode node, ConfigurationReader reader, out string value, out string? reason)
    {
        (value, reason) = (node.Text, null);
        return value.Length > 0;
    }

    private static bool ReadPath(ScalarNode node, ConfigurationReader reader, out string? value, out string? reason)
    {
        (value, reason) = (null, null);
        if (node.Text.Length == 0 || node.Text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        value = UserFolders.FullPath(node.Text, reader.Folder);
        return true;
    }

    private static bool ReadFileName(ScalarNode node, ConfigurationReader reader, out string value, out string? reason)
    {
        var right = ReadPath(node, reader, out var path, out reason);
        value = path ?? string.Empty;
        return right;
    }

    private static bool ReadSchemaPlace(ScalarNode node, ConfigurationReader reader, out string value, out string? reason)
    {
        (value, reason) = (node.Text, null);
        if (value.StartsWith("document:", StringComparison.Ordinal))
        {
            return value.Length > "document:".Length;
        }

        var right = ReadPath(node, reader, out var path, out reason);
        value = path ?? string.Empty;
        return right;
    }

    private static bool ReadVariable(ScalarNode node, ConfigurationReader reader, out string? value, out string? reason)
    {
        value = node.Text;
        var right = value.Length > 0 && !char.IsAsciiDigit(value[0]) && value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
        reason = right ? null : "Expected the name of an environment variable (letters, digits and _); the value found is not shown, since it may be the secret itself.";
        return right;
    }

    private static bool ReadCron(ScalarNode node, ConfigurationReader reader, out CronLine value, out string? reason)
    {
        var read = CronLine.TryParse(node.Text, out var line, out reason);
        reason = read ? null : $"Expected a cron line of five fields such as \"0 2 * * *\": {reason}.";
        value = line!;
        return read;
    }

    private static bool ReadCode<T>(ScalarNode node, ConfigurationReader reader, out T value, out string? reason)
        where T : struct, Enum
    {
        reason = null;
        return Codes.TryParse(node.Text, out value);
    }
}
