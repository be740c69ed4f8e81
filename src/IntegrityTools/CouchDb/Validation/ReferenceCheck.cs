using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>
/// Resolves references in one pass: a target that was seen before is settled at once, the others wait for the end. What then leads nowhere
/// is asked of the store once more, so that a document written during the pass is no fault.
/// </summary>
internal sealed class ReferenceCheck(ICouchSource source, ValidationSettings settings, IReadOnlyList<string> typeFields) : IDisposable
{
    private const int AskedAtOnce = 100;
    private readonly DocumentSet seen = new();
    private readonly OpenReferences open = new();
    private readonly Dictionary<string, (ReferenceRule Rule, IReadOnlyList<FieldPath.Step> Steps)[]> rules = settings.References
        .GroupBy(rule => rule.DocumentType, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Select(rule => (rule, FieldPath.Steps(rule.Path))).ToArray(), StringComparer.Ordinal);

    /// <summary>Notes that a document is there.</summary>
    public void Add(string id, IReadOnlyList<string> types) => seen.Add(id, types);

    /// <summary>Takes up a document's references.</summary>
    public void Follow(string id, string revision, IReadOnlyList<string> types, JsonElement document)
    {
        List<OpenReference>? unsettled = null;
        for (var index = 0; index < types.Count; index++)
        {
            foreach (var (rule, steps) in rules.GetValueOrDefault(types[index]) ?? [])
            {
                if (IsSettled(rule, steps, 0, document))
                {
                    continue;
                }

                foreach (var (path, value) in PathSelection.SelectAny(document, steps))
                {
                    if (TargetOf(value) is { Length: > 0 } target && !seen.Has(target, rule.TargetType))
                    {
                        (unsettled ??= []).Add(new OpenReference(path.ToString(), rule.Path, target, rule.TargetType, rule.Repair != ReferenceRepair.Review));
                    }
                }
            }
        }

        if (unsettled is not null)
        {
            open.Add(new ReferringDocument(id, revision, types[0], unsettled));
        }
    }

    /// <summary>The documents with references that lead nowhere, each with these references alone, why, and whether a repair knows where else; to be asked once, after the pass.</summary>
    public async IAsyncEnumerable<(ReferringDocument Document, IReadOnlyList<FieldFault> Faults, bool HasRepair)> MissingAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var suspects = open.Read()
            .Select(document => document with { References = [.. document.References.Where(reference => !seen.Has(reference.Target, reference.TargetType))] })
            .Where(document => document.References.Count > 0);
        foreach (var batch in suspects.Chunk(AskedAtOnce))
        {
            var asked = batch.SelectMany(document => document.References).Select(reference => reference.Target);
            var targets = await new ReferenceTargets(source, typeFields).ReadAsync(asked, cancellationToken);
            foreach (var document in batch)
            {
                var wrong = document.References.Where(reference => !targets.Has(reference.Target, reference.TargetType)).ToList();
                if (wrong.Count > 0)
                {
                    yield return (
                        document, [.. wrong.Select(reference => Fault(reference, targets))],
                        wrong.TrueForAll(reference => reference.HasRepair || targets.Survivor(reference.Target, reference.TargetType) is not null));
                }
            }
        }
    }

    // Every document of a store comes through here, and nearly every reference is settled: nothing is allocated for those. It goes as PathSelection.SelectAny does.
    private bool IsSettled(ReferenceRule rule, IReadOnlyList<FieldPath.Step> steps, int next, JsonElement value)
    {
        var inList = next < steps.Count && steps[next] is { Element: true, IsAny: true };
        if (value.ValueKind == JsonValueKind.Array && (inList || next == steps.Count || !steps[next].Element))
        {
            foreach (var item in value.EnumerateArray())
            {
                if ((inList || item.ValueKind != JsonValueKind.Array) && !IsSettled(rule, steps, inList ? next + 1 : next, item))
                {
                    return false;
                }
            }

            return true;
        }

        if (inList)
        {
            return IsSettled(rule, steps, next + 1, value);
        }

        if (next == steps.Count)
        {
            return TargetOf(value) is not { Length: > 0 } target || seen.Has(target, rule.TargetType);
        }

        var step = steps[next];
        return !step.Element && !step.IsAny
            && (value.ValueKind != JsonValueKind.Object || DocumentFields.Member(value, step.Text) is not { } member || IsSettled(rule, steps, next + 1, member));
    }

    /// <inheritdoc/>
    public void Dispose() => open.Dispose();

    /// <summary>The id that a reference names: the text itself, or the @id of an object, as JSON-LD writes them. Null: it is no reference.</summary>
    public static string? TargetOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => JsonEquality.Text(value),
        JsonValueKind.Object when DocumentFields.Member(value, "@id") is { ValueKind: JsonValueKind.String } id => JsonEquality.Text(id),
        _ => null,
    };

    private static FieldFault Fault(OpenReference reference, ReferenceTargets targets) => new(
        reference.Path, reference.Rule, $"the id of {Kind(reference.TargetType)}: {targets.WhyNot(reference.Target)}",
        JsonSerializer.Serialize(reference.Target, TextJson.Default.String));

    private static string Kind(string? type) => type is null ? "a document" : $"a {type}";
}
