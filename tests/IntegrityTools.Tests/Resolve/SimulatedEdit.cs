using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.Tests.Resolve;

/// <summary>One edit that a simulated person made: the value set at a path, or the tag added.</summary>
public sealed record SimulatedEdit(DocumentRevision Revision, string Path, string Value)
{
    /// <summary>True when a later edit of the same field was made in sight of this one.</summary>
    public bool SupersededBy(SimulatedEdit other) =>
        other != this && other.Path == Path && Path != "tags" && other.Revision.History.Contains(Revision.Revision);
}
