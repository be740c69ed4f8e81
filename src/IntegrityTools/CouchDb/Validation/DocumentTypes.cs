using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Tells the types that a document says it has.</summary>
internal static class DocumentTypes
{
    /// <summary>The first of the fields that is a text, or a list of texts as JSON-LD allows, tells them; none: the document says nothing.</summary>
    public static IReadOnlyList<string> Of(JsonElement document, IReadOnlyList<string> fields)
    {
        foreach (var field in fields)
        {
            if (DocumentFields.Member(document, field) is { } value)
            {
                if (value.ValueKind == JsonValueKind.String)
                {
                    return [JsonEquality.Text(value)];
                }

                if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().FirstOrDefault().ValueKind == JsonValueKind.String)
                {
                    return [.. value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(JsonEquality.Text)];
                }
            }
        }

        return [];
    }
}
