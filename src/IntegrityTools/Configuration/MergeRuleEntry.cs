using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>An element of <c>resolution.rules</c>: a path, and exactly one word on what to do there.</summary>
internal sealed class MergeRuleEntry : ValueKind<MergeRule>
{
    private const string OneWord = "Expected exactly one of rule, prefer, keep and key.";

    private static readonly string[] Choices = ["rule", "prefer", "keep", "key"];

    private static readonly Setting<Draft>[] Table =
    [
        new Setting<Draft, string>("path", ValueKinds.Text, d => d.Path, (d, v) => d with { Path = v },
            "The field's dotted path; * is one step, [] any element."),
        new Setting<Draft, string?>("document_type", ValueKinds.OptionalText, d => d.DocumentType, (d, v) => d with { DocumentType = v == "*" ? null : v },
            "Only for documents of this type; not set or *: of any."),
        new Setting<Draft, string?>("rule", new ScalarKind<string?>(
                $"one of {string.Join(", ", Words)}", ReadRule, value => value ?? string.Empty, text => NearestWord.Of(text, Words)),
            d => d.Rule, (d, v) => d with { Rule = v }, "What to do with the field."),
        new Setting<Draft, IReadOnlyList<string>>("prefer", new ListKind<string>(ValueKinds.Text), d => d.Prefer, (d, v) => d with { Prefer = v },
            "The value that stands first in this list wins."),
        new Setting<Draft, string?>("keep", new ScalarKind<string?>("the word winner", ReadKeep, value => value ?? string.Empty), d => d.Keep,
            (d, v) => d with { Keep = v }, "winner: the winning revision's value is kept."),
        new Setting<Draft, string?>("key", ValueKinds.OptionalText, d => d.Key, (d, v) => d with { Key = v },
            "The field is a list of objects, identified by this member."),
    ];

    private static IEnumerable<string> Words => Codes.All<MergeRuleKind>().Where(word => word is not ("prefer" or "keyed_list"));

    public override string Name => "a merge rule";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out MergeRule value)
    {
        value = null!;
        if (node is not MapNode map)
        {
            reader.Fail(node, path, "Expected a map with path and one of rule, prefer, keep and key.");
            return false;
        }

        var before = reader.Errors.Count;
        var draft = reader.Read(new Draft(), Table, map.Entries, path + ".");
        if (reader.Errors.Count == before && draft.Path.Length == 0)
        {
            reader.Fail(node, path, "A rule needs a path.");
        }

        var given = Choices.Count(word => reader.Has($"{path}.{word}"));
        if (reader.Errors.Count == before && given != 1)
        {
            reader.Fail(node, path, OneWord);
        }

        if (reader.Errors.Count > before)
        {
            return false;
        }

        var kind = draft switch
        {
            { Rule: { } rule } when Codes.TryParse<MergeRuleKind>(rule, out var named) => named,
            { Keep: not null } => MergeRuleKind.KeepWinner,
            { Key: not null } => MergeRuleKind.KeyedList,
            _ => MergeRuleKind.Prefer,
        };
        value = new MergeRule
        {
            Path = draft.Path,
            DocumentType = draft.DocumentType,
            Kind = kind,
            Preferred = draft.Prefer,
            Key = draft.Key,
        };
        return true;
    }

    public override string Format(MergeRule value) => value.Path;

    public override IEnumerable<ConfigurationKey> Keys(string path) =>
        Table.SelectMany(setting => setting.Keys(new Draft(), path + "."));

    private static bool ReadRule(ScalarNode node, ConfigurationReader reader, out string? value, out string? reason)
    {
        (value, reason) = (node.Text, null);
        return Codes.TryParse<MergeRuleKind>(node.Text, out var kind) && kind is not (MergeRuleKind.Prefer or MergeRuleKind.KeyedList);
    }

    private static bool ReadKeep(ScalarNode node, ConfigurationReader reader, out string? value, out string? reason)
    {
        (value, reason) = (node.Text, null);
        return node.Text == "winner";
    }

    private sealed record Draft
    {
        public string Path { get; init; } = string.Empty;

        public string? DocumentType { get; init; }

        public string? Rule { get; init; }

        public IReadOnlyList<string> Prefer { get; init; } = [];

        public string? Keep { get; init; }

        public string? Key { get; init; }
    }
}
