using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>An attachment and the leaf whose bytes it stands for.</summary>
internal sealed record AuthoredAttachment(AttachmentInfo Info, Author Author)
{
    /// <summary>Equal digests and types are the same attachment; without a digest only the same object is.</summary>
    public bool Same(AuthoredAttachment? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (Info.Digest is not null && Info.Digest == other.Info.Digest && Info.ContentType == other.Info.ContentType));
}
