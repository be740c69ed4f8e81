using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Writes the <c>_attachments</c> of a new revision: stubs for what its parent has, data for what comes from another leaf.</summary>
internal static class AttachmentText
{
    /// <summary>The raw <c>_attachments</c> object for the kept revision (null for none), and what of its data is held outside memory.</summary>
    public static async Task<(RawJson? Text, IReadOnlyDictionary<string, HeldAttachment> Held)> ForAsync(
        ICouchSource source, ResolveConflictAction action, LeafSet set, DocumentRevision kept, CancellationToken cancellationToken)
    {
        if (action.Attachments is { Count: 0 })
        {
            return (null, HeldAttachment.None);
        }

        if (action.Attachments is not { } choices)
        {
            return (DocumentText.AttachmentsOf(kept.Body), kept.Held);
        }

        var others = new Dictionary<RevisionRequest, DocumentRevision>();
        try
        {
            foreach (var request in choices.Select(Origin).Distinct().OfType<RevisionRequest>())
            {
                others[request] = await ReadDataAsync(source, request, cancellationToken).ConfigureAwait(false);
            }

            return Compose(set.Id, choices.Select(choice => (choice, Origin(choice) is { } origin ? others[origin] : kept)), kept);
        }
        catch
        {
            foreach (var other in others.Values)
            {
                other.Release();
            }

            throw;
        }

        // Null: the kept revision itself.
        RevisionRequest? Origin(AttachmentChoice choice) => choice.FromDocument is null && choice.FromRevision == action.KeepRevision
            ? null
            : new RevisionRequest(choice.FromDocument ?? set.Id, RevisionId.Parse(choice.FromRevision));
    }

    /// <summary>An <c>_attachments</c> object as it can be written anew: type and data, or that it follows, and no more; both spellings of the type read.</summary>
    public static RawJson? AsNew(RawJson? attachments)
    {
        if (attachments is not { } raw)
        {
            return null;
        }

        using var document = raw.Parse();
        var buffer = new ArrayBufferWriter<byte>(raw.Utf8.Length);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var attachment in document.RootElement.EnumerateObject())
            {
                writer.WriteStartObject(attachment.Name);
                if (attachment.Value.TryGetProperty("content_type"u8, out var type) || attachment.Value.TryGetProperty("contentType"u8, out type))
                {
                    writer.WritePropertyName("content_type");
                    type.WriteTo(writer);
                }

                foreach (var name in new[] { "data", "follows" })
                {
                    if (attachment.Value.TryGetProperty(name, out var data))
                    {
                        writer.WritePropertyName(name);
                        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(data), skipInputValidation: true);
                    }
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }

    private static (RawJson? Text, IReadOnlyDictionary<string, HeldAttachment> Held) Compose(
        string id, IEnumerable<(AttachmentChoice Choice, DocumentRevision Leaf)> choices, DocumentRevision kept)
    {
        var held = new Dictionary<string, HeldAttachment>(StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (choice, leaf) in choices)
            {
                var own = DocumentText.AttachmentsOf(leaf.Body);
                using var attachments = ((leaf == kept ? own : AsNew(own)) ?? throw Missing(id, choice)).Parse();
                if (!attachments.RootElement.TryGetProperty(choice.Name, out var value))
                {
                    throw Missing(id, choice);
                }

                writer.WritePropertyName(choice.Name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
                if (leaf.Held.TryGetValue(choice.Name, out var data))
                {
                    held.Add(choice.Name, data);
                }
            }

            writer.WriteEndObject();
        }

        return (new RawJson(buffer.WrittenMemory), held);
    }

    private static async Task<DocumentRevision> ReadDataAsync(ICouchSource source, RevisionRequest request, CancellationToken cancellationToken)
    {
        var stubs = await source.ReadRevisionsAsync([request], cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        var revision = stubs is null ? null : await source.HoldAsync(stubs, cancellationToken).ConfigureAwait(false);
        return revision is { Attachments.Count: > 0 } ? revision : throw new IntegrityException(
            ErrorIds.OperationFailed, $"Leaf {request.Revision} no longer has its attachments.", request.Id, "Scan again and make a new plan for it.");
    }

    private static IntegrityException Missing(string id, AttachmentChoice choice) => new(
        ErrorIds.OperationFailed, $"Leaf {choice.FromRevision} has no attachment '{choice.Name}' any more.", id, "Scan again and make a new plan for it.");
}
