using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Carries out what a person decided: a leaf to keep, or a body to write.</summary>
internal sealed class HandDecision(ConflictCase conflict, RepairPolicy policy, EditAccount account)
{
    /// <summary>Checks the decision against the document and names what it discards.</summary>
    /// <exception cref="IntegrityException">The revision is no leaf, or the document is no JSON object of this document.</exception>
    public Decision Decide()
    {
        var kept = policy.KeepRevision is { } revision ? Leaf(revision, "revision to keep") : conflict.Leaves.Winner;
        JsonElement? body = null;
        if (policy.Document is { } document)
        {
            var written = Read(document);
            kept = Check(written, kept);
            body = DocumentFields.Own(document);
        }

        const string Why = "chosen by hand";
        var lost = body is { } value ? account.LostByWriting(kept, value, Why) : account.LostByKeeping(kept, Why);
        return new Decision(Strategy.Manual, body is null ? $"{kept.Revision} was chosen by hand." : "The document was chosen by hand.")
        {
            Keep = kept,
            Body = body,
            ByHand = true,
            Discarded = lost,
            Risk = lost.Count > 0 || kept.Deleted ? Risk.High : Risk.Low,
            Source = _ => body is null ? kept.Revision.ToString() : "document",
        };
    }

    private DocumentRevision Leaf(string revision, string what) =>
        conflict.Leaves.Leaves.FirstOrDefault(leaf => leaf.Revision.ToString() == revision)
        ?? throw Wrong(
            $"The {what}, '{revision}', is no leaf of '{conflict.Leaves.Id}'.",
            $"Choose one of: {string.Join(", ", conflict.Leaves.Leaves.Select(leaf => leaf.Revision))}.");

    private JsonElement Read(RawJson document)
    {
        try
        {
            var body = DocumentFields.Parse(document.Utf8);
            return body.ValueKind == JsonValueKind.Object
                ? body
                : throw Wrong("The document is JSON, but no object.", "Give a JSON object: the whole document as it should be.");
        }
        catch (JsonException error)
        {
            throw Wrong($"The document is no valid JSON: {error.Message}", "Give a JSON object: the whole document as it should be.", error);
        }
    }

    private DocumentRevision Check(JsonElement written, DocumentRevision kept)
    {
        if (DocumentFields.Find(written, CouchMembers.Id) is { } id
            && !(id.ValueKind == JsonValueKind.String && JsonEquality.Text(id) == conflict.Leaves.Id))
        {
            throw Wrong($"The document's _id is not '{conflict.Leaves.Id}'.", "Leave _id out, or give this document's own.");
        }

        if (DocumentFields.Find(written, CouchMembers.Revision) is { } revision)
        {
            var named = Leaf(revision.ValueKind == JsonValueKind.String ? JsonEquality.Text(revision) : revision.ToString(), "document's _rev");
            if (policy.KeepRevision is not null && named.Revision != kept.Revision)
            {
                throw Wrong("The document's _rev is not the revision to keep.", "Leave one of the two out.");
            }

            kept = named;
        }

        CheckMembers(written, kept);
        return kept.Deleted
            ? throw Wrong($"{kept.Revision} is deleted: it takes no body.", "Name a live leaf, or leave the revision out.")
            : kept;
    }

    /// <summary>Refuses what would be dropped in silence, or what a server refuses with all that is written beside it.</summary>
    private void CheckMembers(JsonElement written, DocumentRevision kept)
    {
        if (DocumentFields.Find(written, "_deleted") is { ValueKind: JsonValueKind.True })
        {
            throw Wrong("The document says that it is deleted, and only a body can be given.", "To accept a deletion name the deleted leaf as the revision to keep.");
        }

        if (DocumentFields.Find(written, "_attachments") is { } attachments && !AreThoseOf(kept, attachments))
        {
            throw Wrong(
                $"The document's attachments are not those of {kept.Revision}, and only a body can be given.",
                "Leave _attachments out: those of the kept leaf stay as they are.");
        }

        if (written.EnumerateObject().Select(JsonEquality.Name).FirstOrDefault(name => name.StartsWith('_') && !CouchMembers.IsReserved(name)) is { } odd)
        {
            throw Wrong($"The document's member '{odd}' begins with an underscore: CouchDB keeps such names for itself and refuses the document.", "Give it another name.");
        }
    }

    /// <summary>True for stubs of exactly the leaf's attachments.</summary>
    private static bool AreThoseOf(DocumentRevision kept, JsonElement attachments) =>
        attachments.ValueKind == JsonValueKind.Object
        && attachments.GetPropertyCount() == kept.Attachments.Count
        && attachments.EnumerateObject().All(given =>
            DocumentFields.Find(given.Value, "stub") is { ValueKind: JsonValueKind.True }
            && DocumentFields.Find(given.Value, "data") is null
            && kept.Attachments.Any(own => own.Name == JsonEquality.Name(given)
                && (DocumentFields.Find(given.Value, "digest") is not { ValueKind: JsonValueKind.String } digest || JsonEquality.Text(digest) == own.Digest)));

    private IntegrityException Wrong(string message, string nextStep, JsonException? cause = null) =>
        new(ErrorIds.InvalidArgument, message, conflict.Leaves.Id, nextStep, cause);
}
