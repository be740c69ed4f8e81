using System.Buffers;
using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>A dump together with the revisions that this batch appends to its copy: what is written can be read back.</summary>
internal sealed class DumpOverlay(DumpSource dump, DumpAppender appender) : SourceAround(dump, owned: false), IRevisionWriter
{
    private readonly Dictionary<string, List<DocumentRevision>> written = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken)
    {
        var outcomes = new List<WriteOutcome>(revisions.Count);
        foreach (var revision in revisions)
        {
            var id = revision.IsWhole ? revision.Parent.Revision : DocumentText.NextRevision(revision);
            var buffer = new ArrayBufferWriter<byte>(revision.Body.Utf8.Length + 256);
            if (!revision.IsWhole)
            {
                DocumentText.WriteWithHistory(revision, id, buffer);
            }

            var document = DocumentReader.Read(revision.IsWhole ? revision.Body.Utf8 : buffer.WrittenMemory, revision.Held);
            await appender.WriteAsync(document, cancellationToken).ConfigureAwait(false);
            if (!written.TryGetValue(revision.Parent.Id, out var list))
            {
                written.Add(revision.Parent.Id, list = []);
            }

            list.Add(document);
            outcomes.Add(new WriteOutcome(id, false, null));
        }

        return outcomes;
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<LeafSet> ReadLeavesAsync(IReadOnlyList<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var leaves in base.ReadLeavesAsync(ids, cancellationToken).ConfigureAwait(false))
        {
            yield return written.TryGetValue(leaves.Id, out var added)
                ? LeafSet.Of(leaves.Id, DumpSource.LeavesOf([.. leaves.Leaves, .. added]))
                : leaves;
        }
    }
}
