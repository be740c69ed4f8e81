namespace IntegrityTools.CouchDb.Repair;

/// <summary>Writes revisions into a server or into the new file of a dump.</summary>
internal interface IRevisionWriter
{
    /// <summary>Writes all of them, each on its own; one outcome each, in their order.</summary>
    Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken);
}
