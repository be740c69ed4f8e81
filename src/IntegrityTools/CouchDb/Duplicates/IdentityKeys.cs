using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.CouchDb.Validation;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>The keys of a document under the configured rules: two documents with a key in common are the same thing under two ids.</summary>
internal sealed class IdentityKeys(ValidationSettings settings)
{
    // What JSON-LD names by an id is compared as that id is, which no spelling may change.
    private readonly HashSet<(string? Type, string Path)> references =
        [.. settings.References.Select(rule => ((string?)rule.DocumentType, rule.Path))];

    /// <summary>The keys that a document has, each with the place of its rule.</summary>
    public IEnumerable<(int Rule, string Key)> Of(IReadOnlyList<string> types, JsonElement document)
    {
        for (var index = 0; index < settings.Identities.Count; index++)
        {
            var rule = settings.Identities[index];
            if ((rule.DocumentType is null || types.Contains(rule.DocumentType, StringComparer.Ordinal)) && Key(index, rule, types, document) is { } key)
            {
                yield return (index, key);
            }
        }
    }

    /// <summary>A text without the differences that do not count.</summary>
    public static string Normal(string text, IReadOnlyList<KeyDifference> ignore)
    {
        if (ignore.Contains(KeyDifference.Unicode))
        {
            text = CanonicalText.Of(text);
        }

        if (ignore.Contains(KeyDifference.Case))
        {
            // Upper case joins what lower case keeps apart (σ and ς), and lower case what upper case does (ß and ẞ); marks may then stand in another order.
            text = text.ToLowerInvariant().ToUpperInvariant();
            text = ignore.Contains(KeyDifference.Unicode) ? CanonicalText.Of(text) : text;
        }

        return ignore.Contains(KeyDifference.Space) ? Spaced(text) : text;
    }

    private string? Key(int index, IdentityRule rule, IReadOnlyList<string> types, JsonElement document)
    {
        var key = new StringBuilder().Append(index).Append('\0').Append(rule.DocumentType ?? string.Join('\u0001', types.Order(StringComparer.Ordinal)));
        foreach (var field in rule.Fields)
        {
            if (DocumentFields.Find(document, field) is not { } value || Part(rule, types, field, value) is not { Length: > 1 } part)
            {
                return null;
            }

            key.Append('\0').Append(part);
        }

        return key.ToString();
    }

    // A letter tells the kinds of values apart: the number 1 is not the text "1". A number is its value, however it is written: 1 is 1.0.
    private string? Part(IdentityRule rule, IReadOnlyList<string> types, string field, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when IsReference(types, field) => "s" + JsonEquality.Text(value),
        JsonValueKind.String => "s" + Normal(JsonEquality.Text(value), rule.Ignore),
        JsonValueKind.Number => "n" + JsonNumber.Of(value),
        JsonValueKind.Object when ReferenceCheck.TargetOf(value) is { Length: > 0 } id => "s" + id,

        // Of references a list of one is its element, as in JSON-LD; of several none is the key.
        JsonValueKind.Array when IsReference(types, field) && value.GetArrayLength() == 1 && value[0].ValueKind != JsonValueKind.Array => Part(rule, types, field, value[0]),
        _ => null,
    };

    private bool IsReference(IReadOnlyList<string> types, string field) => types.Any(type => references.Contains((type, field)) || references.Contains((type, field + "[]")));

    private static string Spaced(string text)
    {
        var output = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (!char.IsWhiteSpace(letter))
            {
                output.Append(letter);
            }
            else if (output.Length > 0 && output[^1] != ' ')
            {
                output.Append(' ');
            }
        }

        return output.ToString().TrimEnd(' ');
    }
}
