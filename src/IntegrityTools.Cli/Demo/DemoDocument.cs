namespace IntegrityTools.Cli.Demo;

/// <summary>A document that several replicas edit: its revision tree grows a branch for each that has not seen the others.</summary>
internal sealed class DemoDocument
{
    private readonly List<DemoRevision> revisions = [];

    public DemoDocument(string id, DemoBody first)
    {
        Id = id;
        Root = Add(null, first, deleted: false, string.Empty);
    }

    public string Id { get; }

    /// <summary>The first revision.</summary>
    public DemoRevision Root { get; }

    /// <summary>True when the server has compacted the ancestors' bodies away.</summary>
    public bool Compacted { get; set; }

    public DemoRevision Edit(DemoRevision parent, DemoBody body, string replica = "") => Add(parent, body, deleted: false, replica);

    public DemoRevision Delete(DemoRevision parent) => Add(parent, DemoBody.Empty, deleted: true, string.Empty);

    /// <summary>What a backup holds: the bodies of the branching points that are still there, then the leaves.</summary>
    public IEnumerable<DemoRevision> Saved()
    {
        var children = revisions.Where(revision => revision.Parent is not null)
            .ToLookup(revision => revision.Parent!, ReferenceEqualityComparer.Instance);
        return revisions.Where(revision => !Compacted && children[revision].Take(2).Count() == 2)
            .Concat(revisions.Where(revision => !children[revision].Any()));
    }

    private DemoRevision Add(DemoRevision? parent, DemoBody body, bool deleted, string replica)
    {
        var revision = DemoRevision.Of(Id, parent, body, deleted, replica);
        revisions.Add(revision);
        return revision;
    }
}
