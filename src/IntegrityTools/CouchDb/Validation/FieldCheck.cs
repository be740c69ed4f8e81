using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Holds a document against the configured types and their required fields.</summary>
internal sealed class FieldCheck(ValidationSettings settings)
{
    private readonly HashSet<string> known = Known(settings);

    /// <summary>What is wrong with the document's type; null: nothing.</summary>
    public FieldFault? TypeFault(IReadOnlyList<string> types, string typeField)
    {
        if (known.Count == 0)
        {
            return null;
        }

        if (types.Count == 0)
        {
            return settings.StrictMode ? new FieldFault(typeField, "known_types", "a type", null) : null;
        }

        var unknown = types.FirstOrDefault(type => !known.Contains(type));
        return unknown is null
            ? null
            : new FieldFault(typeField, "known_types", $"one of {string.Join(", ", known)}", JsonSerializer.Serialize(unknown, TextJson.Default.String));
    }

    /// <summary>The required fields that are not there.</summary>
    public List<FieldFault> MissingFields(IReadOnlyList<string> types, JsonElement document)
    {
        var faults = new List<FieldFault>();
        foreach (var type in types)
        {
            foreach (var path in settings.RequiredFields.GetValueOrDefault(type) ?? [])
            {
                // Nearly every field is a plain name and there.
                if (FieldPath.Steps(path) is [{ Element: false, IsAny: false } only] && DocumentFields.Member(document, only.Text) is not null)
                {
                    continue;
                }

                faults.AddRange(PathSelection.Missing(document, path).Select(at => new FieldFault(at.ToString(), path, "a value", null)));
            }
        }

        return faults;
    }

    // Without a list of types, strict mode knows those that the configuration speaks of.
    private static HashSet<string> Known(ValidationSettings settings)
    {
        var known = settings.KnownTypes.ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0 && settings.StrictMode)
        {
            known.UnionWith(settings.RequiredFields.Keys);
            known.UnionWith(settings.Schemas.Keys);
            known.UnionWith(settings.References.Select(rule => rule.DocumentType));
            known.UnionWith(settings.References.Select(rule => rule.TargetType).OfType<string>());
        }

        return known;
    }
}
