using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Writing;

/// <summary>A document as an application gives it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">The revision that was edited; null for a new document.</param>
/// <param name="Own">The user's members.</param>
/// <param name="Document">All of it.</param>
internal sealed record GivenDocument(string Id, RevisionId? Parent, RawJson Own, RawJson Document)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="IntegrityException">It is no JSON object with an id, or its revision is none, or it is a local document.</exception>
    public static GivenDocument Read(RawJson document)
    {
        JsonElement whole;
        try
        {
            whole = DocumentFields.Parse(document.Utf8);
        }
        catch (JsonException exception)
        {
            throw Wrong($"The document is no valid JSON: {exception.Message}", null, exception);
        }

        if (whole.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("The document is JSON, but no object.", null);
        }

        if (DocumentFields.Member(whole, CouchMembers.Id) is not { ValueKind: JsonValueKind.String } named || JsonEquality.Text(named) is not { Length: > 0 } id)
        {
            throw Wrong("The document has no _id.", null);
        }

        if (DocumentFields.Member(whole, "_deleted") is { ValueKind: JsonValueKind.True })
        {
            throw Wrong("The document says that it is deleted.", id);
        }

        if (id.StartsWith("_local/", StringComparison.Ordinal))
        {
            throw new IntegrityException(
                ErrorIds.DocumentRefused, "Local documents have no revisions that could be merged, and are not written here.", id, "Write it with a request to the server itself.");
        }

        RevisionId? parent = null;
        if (DocumentFields.Member(whole, CouchMembers.Revision) is { } revision
            && !(revision.ValueKind == JsonValueKind.String && RevisionId.TryParse(JsonEquality.Text(revision), out parent)))
        {
            throw Wrong("The document's _rev is no revision.", id);
        }

        return new GivenDocument(id, parent, new RawJson(JsonMarshal.GetRawUtf8Value(DocumentFields.Own(document)).ToArray()), document);
    }

    private static IntegrityException Wrong(string message, string? id, JsonException? cause = null) => new(
        ErrorIds.InvalidArgument, message, id, "Give the whole document as a JSON object with its _id, and with the _rev that was read when it is an edit.", cause);
}
