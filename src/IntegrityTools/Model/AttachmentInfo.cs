namespace IntegrityTools.Model;

/// <summary>An attachment as a leaf names it.</summary>
/// <param name="Name">Its name within the document.</param>
/// <param name="ContentType">Its MIME type.</param>
/// <param name="Digest">The digest that the store gives, such as <c>md5-…</c>; equal digests are taken as equal bytes.</param>
/// <param name="Length">Its length in bytes, when the store tells it.</param>
public sealed record AttachmentInfo(string Name, string? ContentType, string? Digest, long? Length);
