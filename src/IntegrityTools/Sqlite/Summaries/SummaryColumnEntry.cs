using System.Text.RegularExpressions;
using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>A column under <c>summary.columns</c> of a definition.</summary>
internal sealed partial class SummaryColumnEntry : ValueKind<SummaryColumn>
{
    private const string Columns = "summary.columns.";

    private static readonly string[] Kinds = ["latest", "first", "count"];
    private static readonly SummaryColumn Empty = new() { Name = string.Empty, Kind = SummaryColumnKind.Latest };
    private static readonly ListKind<string> Texts = new(ValueKinds.Text, orOne: true);

    private static readonly Setting<SummaryColumn>[] Table =
    [
        new Setting<SummaryColumn, string?>("type", ValueKinds.OptionalText, c => c.Type, (c, v) => c with { Type = v }, "Its declared type in SQL."),
        new Setting<SummaryColumn, IReadOnlyList<string>>("latest", Texts, c => c.Sources, (c, v) => c with { Kind = SummaryColumnKind.Latest, Sources = v },
            "The newest event's value of this column or JSON path; several: the first that is not NULL."),
        new Setting<SummaryColumn, IReadOnlyList<string>>("first", Texts, c => c.Sources, (c, v) => c with { Kind = SummaryColumnKind.First, Sources = v },
            "The first event's value of this column or JSON path; with events or keep the first value that there is."),
        new Setting<SummaryColumn, IReadOnlyList<string>>("count", Texts, c => c.EventTypes, (c, v) => c with { Kind = SummaryColumnKind.Count, EventTypes = v },
            "The number of events of these types."),
        new Setting<SummaryColumn, IReadOnlyList<string>>("events", Texts, c => c.EventTypes, (c, v) => c with { EventTypes = v }, "Only events of these types matter."),
        new Setting<SummaryColumn, bool>("keep", ValueKinds.Flag, c => c.Keep, (c, v) => c with { Keep = v }, "Whether an event without the value leaves it as it is."),
    ];

    public override string Name => "a column";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out SummaryColumn value)
    {
        value = Empty;
        if (node is not MapNode map)
        {
            reader.Fail(node, path, "Expected a map with latest, first or count.");
            return false;
        }

        var before = reader.Errors.Count;
        value = reader.Read(value, Table, map.Entries, path + ".") with { Name = path[Columns.Length..] };
        var kinds = Kinds.Count(kind => reader.Has($"{path}.{kind}"));
        if (reader.Errors.Count == before && kinds != 1)
        {
            reader.Fail(node, path, "Expected one of latest, first and count.");
        }
        else if (value.Kind == SummaryColumnKind.Count && (reader.Has(path + ".events") || reader.Has(path + ".keep")))
        {
            reader.Fail(node, path, "A count names its events itself, and has no keep.");
        }

        if (value.Type is { } type && !DeclaredType().IsMatch(type))
        {
            reader.Fail(path + ".type", $"'{type}' is no type of a column, such as TEXT or DECIMAL(10,2).");
        }

        return reader.Errors.Count == before;
    }

    public override string Format(SummaryColumn value) => value.Name;

    public override IEnumerable<ConfigurationKey> Keys(string path) => Table.SelectMany(setting => setting.Keys(Empty, path + "."));

    /// <summary>What may stand as a type, unquoted, in a CREATE TABLE: words, and a size. No word that begins a constraint.</summary>
    [GeneratedRegex(@"^(?!.*\b(PRIMARY|UNIQUE|NOT|CHECK|DEFAULT|COLLATE|REFERENCES|GENERATED|AS|CONSTRAINT|NULL)\b)[A-Z_][A-Z0-9_]*( [A-Z_][A-Z0-9_]*)*( ?\([0-9]+(, ?[0-9]+)?\))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    internal static partial Regex DeclaredType();
}
