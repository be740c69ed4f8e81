using System.Runtime.CompilerServices;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Finds faults in how a CouchDB server keeps a database. It asks a few small questions, whatever the size of the database, and makes the server build nothing.</summary>
internal sealed class StorageScanner(CouchClient client, string store)
{
    /// <summary>The types that this pass finds.</summary>
    public static IReadOnlySet<string> Types { get; } = new HashSet<string>(StringComparer.Ordinal) { IssueTypes.OrphanedRevisions };

    /// <summary>Scans.</summary>
    /// <exception cref="IntegrityException">The server cannot be asked.</exception>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(ScanRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await client.OpenAsync(cancellationToken);
        if (!client.IsCouchDb || request.DocumentTypes.Count > 0)
        {
            yield break; // Other servers of the protocol keep their data in other ways; a design document has no type.
        }

        var questions = new StorageQuestions(client);
        var issues = new StorageIssues(store, request);
        var designs = await questions.GetDesignDocumentsAsync(cancellationToken);
        var indexes = new Dictionary<DesignDocument, IndexState>();
        foreach (var design in designs)
        {
            if (await questions.GetIndexAsync(design, cancellationToken) is { } state)
            {
                indexes.Add(design, state);
            }
        }

        var info = await questions.GetInfoAsync(cancellationToken);
        if (issues.Wants(IssueTypes.OrphanedRevisions) && await new SizeCheck(questions, issues).RunAsync(info, indexes, cancellationToken) is { } wasteful)
        {
            yield return wasteful;
        }
    }
}
