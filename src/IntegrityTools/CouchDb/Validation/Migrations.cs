using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Brings a document to the form that its type's rules ask, step by step as configured.</summary>
internal static class Migrations
{
    /// <summary>The body after the configured steps; null: no step changes anything.</summary>
    /// <param name="body">The user's members.</param>
    /// <param name="types">The document's types.</param>
    /// <param name="steps">The configured steps, in their order.</param>
    /// <param name="coerced">True when a step changed a value's type.</param>
    public static RawJson? Apply(JsonElement body, IReadOnlyList<string> types, IReadOnlyList<SchemaMigration> steps, out bool coerced)
    {
        coerced = false;
        RawJson? result = null;
        foreach (var step in steps.Where(step => types.Contains(step.DocumentType, StringComparer.Ordinal)))
        {
            var edits = new BodyEdits();
            if (step.Default is { } value)
            {
                Default(body, step.Path, value, edits);
            }
            else if (step.Rename is { } name)
            {
                Rename(body, step.Path, name, edits);
            }
            else
            {
                Coerce(body, step.Path, step.To!, edits);
                coerced |= !edits.IsEmpty;
            }

            if (!edits.IsEmpty)
            {
                result = edits.Apply(body);
                body = DocumentFields.Parse(result.Value.Utf8);
            }
        }

        return result;
    }

    private static void Default(JsonElement body, string path, RawJson value, BodyEdits edits)
    {
        // Only where the object is there that would hold it: a missing parent is another rule's matter.
        foreach (var (parent, _) in Parents(body, path).Where(found => found.Value.ValueKind == JsonValueKind.Object))
        {
            var name = FieldPath.Steps(path)[^1];
            if (!name.Element && !name.IsAny && PathSelection.Missing(body, path).Any(missing => missing.Parent!.ToString() == parent.ToString()))
            {
                edits.Add(parent, name.Text, value);
            }
        }
    }

    private static IEnumerable<(FieldPath Path, JsonElement Value)> Parents(JsonElement body, string path)
    {
        var steps = FieldPath.Steps(path);
        return steps.Count == 1 ? [(FieldPath.Root, body)] : PathSelection.Select(body, steps.Take(steps.Count - 1).ToList());
    }

    private static void Rename(JsonElement body, string path, string name, BodyEdits edits)
    {
        var parents = Parents(body, path).ToDictionary(found => found.Path.ToString(), found => found.Value, StringComparer.Ordinal);
        foreach (var (at, _) in PathSelection.Select(body, path))
        {
            if (parents.TryGetValue(at.Parent!.ToString(), out var parent) && parent.ValueKind == JsonValueKind.Object && DocumentFields.Member(parent, name) is null)
            {
                edits.Rename(at, name);
            }
        }
    }

    private static void Coerce(JsonElement body, string path, string to, BodyEdits edits)
    {
        foreach (var (at, value) in PathSelection.Select(body, path))
        {
            if (Coerced(value, to) is { } other)
            {
                edits.Replace(at, other);
            }
        }
    }

    /// <summary>The value in the other type; null: it has it already, or something would be lost.</summary>
    private static RawJson? Coerced(JsonElement value, string to)
    {
        if (to == "string")
        {
            return value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False ? RawJson.FromText($"\"{value.GetRawText()}\"") : null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var text = RawJson.FromText(JsonEquality.Text(value));
        try
        {
            using var read = text.Parse();
            var fits = read.RootElement.ValueKind switch
            {
                JsonValueKind.Number => to == "number" || (to == "integer" && JsonNumber.Of(read.RootElement).IsInteger),
                JsonValueKind.True or JsonValueKind.False => to == "boolean",
                _ => false,
            };
            return fits ? RawJson.FromText(read.RootElement.GetRawText()) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
