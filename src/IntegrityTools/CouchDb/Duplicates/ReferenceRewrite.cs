using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Makes the references of a document lead to the documents that stay.</summary>
internal sealed class ReferenceRewrite(ValidationSettings settings)
{
    /// <summary>The references that the rules know in a document, with their places.</summary>
    public IEnumerable<(FieldPath Path, JsonElement Value, string Target)> Of(IReadOnlyList<string> types, JsonElement body) =>
        from rule in settings.References
        where types.Contains(rule.DocumentType, StringComparer.Ordinal)
        from found in PathSelection.SelectAny(body, FieldPath.Steps(rule.Path))
        let target = ReferenceCheck.TargetOf(found.Value)
        where !string.IsNullOrEmpty(target)
        select (found.Path, found.Value, target);

    /// <summary>The body with its references turned; null when none has to be.</summary>
    /// <param name="id">The document, which is not made to refer to itself.</param>
    /// <param name="types">Its types.</param>
    /// <param name="body">Its own members.</param>
    /// <param name="survivors">By the id of each document that goes, the one that stays.</param>
    public RawJson? Apply(string id, IReadOnlyList<string> types, JsonElement body, IReadOnlyDictionary<string, string> survivors)
    {
        var edits = new BodyEdits();
        var found = Of(types, body).DistinctBy(item => item.Path.ToString(), StringComparer.Ordinal).ToList();

        // A list that names both keeps one of them.
        var there = found.Where(item => !survivors.ContainsKey(item.Target)).Select(item => (item.Path.Parent!.ToString(), item.Target)).ToHashSet();
        foreach (var (path, value, target) in found)
        {
            if (!survivors.TryGetValue(target, out var survivor))
            {
                continue;
            }

            var inList = path.IsElement && !there.Add((path.Parent!.ToString(), survivor));
            if (value.ValueKind == JsonValueKind.String && (survivor == id || inList))
            {
                edits.Remove(path);
            }
            else
            {
                var text = RawJson.FromText(JsonSerializer.Serialize(survivor, TextJson.Default.String));
                edits.Replace(value.ValueKind == JsonValueKind.Object ? path.Member("@id") : path, text);
            }
        }

        return edits.IsEmpty ? null : edits.Apply(body);
    }
}
