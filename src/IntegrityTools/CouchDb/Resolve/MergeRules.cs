using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>The configured rules that bear on one document type.</summary>
internal sealed class MergeRules
{
    private static readonly MergeRule Stamp = new() { Path = "*", Kind = MergeRuleKind.Stamp };

    private readonly MergeRule[] _rules;
    private readonly IReadOnlyList<string> _stamps;

    /// <summary>Picks the rules for a document type.</summary>
    public MergeRules(ResolutionSettings settings, string? documentType)
    {
        _rules = [.. settings.Rules.Where(rule => rule.DocumentType is null || rule.DocumentType == documentType)];
        _stamps = settings.StampFields;
        AddsUp = _rules.Any(rule => rule.Kind is MergeRuleKind.Counter or MergeRuleKind.Sum);
    }

    /// <summary>True when some field adds up, so that two equal edits of it are two edits.</summary>
    public bool AddsUp { get; }

    /// <summary>The rule for a field: the first that matches, else that of stamp fields, else null.</summary>
    public MergeRule? For(FieldPath path) =>
        Array.Find(_rules, rule => path.Matches(rule.Path)) ?? (_stamps.Any(path.Matches) ? Stamp : null);
}
