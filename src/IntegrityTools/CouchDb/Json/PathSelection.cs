using System.Globalization;
using System.Text.Json;
using IntegrityTools.CouchDb.Resolve;

namespace IntegrityTools.CouchDb.Json;

/// <summary>Finds what a pattern means in a document: dotted names, <c>[]</c> for all elements, <c>*</c> for all members.</summary>
internal static class PathSelection
{
    /// <summary>The values that are there, with their paths.</summary>
    public static IEnumerable<(FieldPath Path, JsonElement Value)> Select(JsonElement document, string pattern) =>
        Select(document, FieldPath.Steps(pattern));

    /// <summary>The values that are there, with their paths.</summary>
    public static IEnumerable<(FieldPath Path, JsonElement Value)> Select(JsonElement document, IReadOnlyList<FieldPath.Step> steps) =>
        Walk(FieldPath.Root, document, steps, 0).Where(found => found.Value is not null).Select(found => (found.Path, found.Value!.Value));

    /// <summary>
    /// The same where one value and a list of one mean the same, as in JSON-LD: <c>[]</c> takes what is no list for its only element, and a list in the place
    /// of one value has each of its elements there.
    /// </summary>
    public static IEnumerable<(FieldPath Path, JsonElement Value)> SelectAny(JsonElement document, IReadOnlyList<FieldPath.Step> steps) =>
        WalkAny(FieldPath.Root, document, steps, 0);

    /// <summary>The paths at which something that the pattern names is absent; an empty list has nothing that could be.</summary>
    public static IEnumerable<FieldPath> Missing(JsonElement document, string pattern) =>
        Walk(FieldPath.Root, document, FieldPath.Steps(pattern), 0).Where(found => found.Value is null).Select(found => found.Path);

    private static IEnumerable<(FieldPath Path, JsonElement? Value)> Walk(FieldPath path, JsonElement value, IReadOnlyList<FieldPath.Step> steps, int next)
    {
        if (next == steps.Count)
        {
            yield return (path, value);
            yield break;
        }

        foreach (var (childPath, child) in Children(path, value, steps[next]))
        {
            if (child is not { } present)
            {
                yield return (childPath, null);
                continue;
            }

            foreach (var found in Walk(childPath, present, steps, next + 1))
            {
                yield return found;
            }
        }
    }

    private static IEnumerable<(FieldPath Path, JsonElement Value)> WalkAny(FieldPath path, JsonElement value, IReadOnlyList<FieldPath.Step> steps, int next)
    {
        var step = next < steps.Count ? steps[next] : null;
        if (value.ValueKind == JsonValueKind.Array && step is not { Element: true })
        {
            return value.EnumerateArray().SelectMany((item, index) => item.ValueKind == JsonValueKind.Array ? [] : WalkAny(path.Element(index), item, steps, next));
        }

        return step is null ? [(path, value)]
            : step is { Element: true, IsAny: true } && value.ValueKind != JsonValueKind.Array ? WalkAny(path, value, steps, next + 1)
            : Children(path, value, step).Where(child => child.Value is not null).SelectMany(child => WalkAny(child.Path, child.Value!.Value, steps, next + 1));
    }

    private static IEnumerable<(FieldPath Path, JsonElement? Value)> Children(FieldPath path, JsonElement value, FieldPath.Step step)
    {
        if (step.Element)
        {
            return Elements(path, value, step);
        }

        if (step.IsAny)
        {
            return value.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().Select(member => (path.Member(JsonEquality.Name(member)), (JsonElement?)member.Value))
                : [];
        }

        return [(path.Member(step.Text), value.ValueKind == JsonValueKind.Object ? DocumentFields.Member(value, step.Text) : null)];
    }

    private static IEnumerable<(FieldPath Path, JsonElement? Value)> Elements(FieldPath path, JsonElement value, FieldPath.Step step)
    {
        if (step.IsAny)
        {
            return value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().Select((element, index) => (path.Element(index), (JsonElement?)element))
                : [];
        }

        var there = int.TryParse(step.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            && value.ValueKind == JsonValueKind.Array && place < value.GetArrayLength();
        return [(path.Element(place), there ? value[place] : null)];
    }
}
