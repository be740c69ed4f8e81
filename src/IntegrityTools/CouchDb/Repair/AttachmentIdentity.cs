using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Tells whether a present leaf has the attachments of a saved one. A store names some attachments by the digest of their compressed
/// form, which another server, or another compression level, makes differently: where digests alone differ, the bytes decide.
/// </summary>
internal static class AttachmentIdentity
{
    /// <summary>The attachments of a leaf that keeps them, as a plan names them.</summary>
    public static IReadOnlyList<AttachmentChoice> Own(DocumentRevision kept) =>
        [.. kept.Attachments.Select(attachment => new AttachmentChoice(attachment.Name, kept.Revision.ToString(), attachment.Digest))];

    /// <summary>True for the same names, types, lengths and digests; what one side does not know is not compared.</summary>
    public static bool AreSame(DocumentRevision one, DocumentRevision other) =>
        LookSame(one, other, (left, right) => left.Digest is null || right.Digest is null || left.Digest == right.Digest);

    /// <summary>The leaf with the saved digests, when its attachments have other digests and yet the same bytes; otherwise the leaf as it is.</summary>
    /// <param name="source">Where the leaf's data is read, if its digests make that necessary.</param>
    /// <param name="leaf">The present leaf.</param>
    /// <param name="saved">The saved one, with its attachments' data.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<DocumentRevision> RecogniseAsync(
        ICouchSource source, DocumentRevision leaf, DocumentRevision saved, CancellationToken cancellationToken)
    {
        if (leaf.Attachments.Count == 0 || AreSame(leaf, saved) || !LookSame(leaf, saved, (_, _) => true))
        {
            return leaf;
        }

        var whole = HasData(leaf) ? leaf : await source.HoldAsync(leaf, cancellationToken).ConfigureAwait(false);
        try
        {
            return whole is not null && HaveSameBytes(whole, saved) ? leaf with { Attachments = saved.Attachments } : leaf;
        }
        finally
        {
            if (!ReferenceEquals(whole, leaf))
            {
                whole?.Release();
            }
        }
    }

    private static bool LookSame(DocumentRevision one, DocumentRevision other, Func<AttachmentInfo, AttachmentInfo, bool> sameDigest)
    {
        var known = other.Attachments.ToDictionary(attachment => attachment.Name, StringComparer.Ordinal);
        return one.Attachments.Count == known.Count && one.Attachments.All(attachment =>
            known.TryGetValue(attachment.Name, out var twin)
            && (attachment.ContentType is null || twin.ContentType is null || attachment.ContentType == twin.ContentType)
            && (attachment.Length is null || twin.Length is null || attachment.Length == twin.Length)
            && sameDigest(attachment, twin));
    }

    private static bool HasData(DocumentRevision revision)
    {
        using var document = revision.Body.Parse();
        return document.RootElement.GetProperty("_attachments"u8).EnumerateObject()
            .All(attachment => attachment.Value.TryGetProperty("data"u8, out _) || revision.Held.ContainsKey(attachment.Name));
    }

    private static bool HaveSameBytes(DocumentRevision one, DocumentRevision other)
    {
        using var left = one.Body.Parse();
        using var right = other.Body.Parse();
        var known = right.RootElement.GetProperty("_attachments"u8);
        return left.RootElement.GetProperty("_attachments"u8).EnumerateObject().All(attachment =>
            known.TryGetProperty(attachment.Name, out var twin)
            && Digest(attachment.Name, attachment.Value, one) is { } digest
            && digest == Digest(attachment.Name, twin, other));
    }

    private static string? Digest(string name, JsonElement attachment, DocumentRevision revision) =>
        revision.Held.TryGetValue(name, out var held) ? held.Sha256
        : attachment.TryGetProperty("data"u8, out var data) && data.ValueKind == JsonValueKind.String && data.TryGetBytesFromBase64(out var bytes)
            ? Convert.ToHexStringLower(SHA256.HashData(bytes))
            : null;
}
