using System.Runtime.CompilerServices;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.CouchDb.Health;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.CouchDb.Sharing;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>A database of a running CouchDB server.</summary>
/// <param name="descriptor">Its name and address.</param>
/// <param name="client">Its client, owned.</param>
/// <param name="settings">How conflicts are resolved.</param>
/// <param name="validation">What documents are held against.</param>
/// <param name="queries">The application's queries.</param>
/// <param name="memory">What the steps of one engine have read of this database.</param>
internal sealed class CouchServerStore(
    StoreDescriptor descriptor, CouchClient client, ResolutionSettings settings, ValidationSettings validation, IReadOnlyList<RawJson> queries, RevisionMemory memory)
    : IIntegrityStore
{
    private readonly ServerSource server = new(client);

    private RememberingSource Remembering => new(server, client, memory);

    private ConflictProposals Proposals => new(
        Remembering,
        validation,
        new ContentProposals(Remembering, settings, validation),
        new DuplicateProposals(Remembering, settings, validation),
        new StorageProposals(new StorageQuestions(client)));

    /// <inheritdoc/>
    public StoreDescriptor Descriptor => descriptor;

    /// <inheritdoc/>
    public IReadOnlySet<string> Types => IssueTypes.OfCouchDb;

    /// <inheritdoc/>
    public ILeaseKeeper? LeaseKeeper { get; } = new ServerLease(client);

    /// <inheritdoc/>
    public IAsyncEnumerable<IntegrityIssue> ScanAsync(ScanRequest request, ScanStatistics statistics, CancellationToken cancellationToken)
    {
        ICouchSource source = request.ForPlan ? Remembering : server;
        CouchScan Passes(ICouchSource from) => new(
            Conflicts(from), new ContentScanner(from, descriptor.Address, settings, validation), new StorageScanner(client, descriptor.Address, queries));
        return new ServerScan(client, source, settings, validation, Passes).ScanAsync(request, statistics, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ISharedScan> ShareScanAsync(ShareRequest wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var rules = await ScanRules.DigestAsync(server, settings, validation, cancellationToken).ConfigureAwait(false);
        return await new SharedBeginning(client, TimeProvider.System).TakePartAsync(wanted, rules, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<StoreMeasurement> MeasureAsync(CancellationToken cancellationToken) => new ServerHealth(client).MeasureAsync(cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RepairOperation> ProposeAsync(
        IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, CancellationToken cancellationToken) =>
        Proposals.ProposeAsync(issues, policy, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<RepairOperation> ProposeUndoAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource source, CancellationToken cancellationToken) =>
        new UndoProposals(Remembering).ProposeAsync(applied, source, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairResult> PreviewAsync(
        IReadOnlyList<RepairOperation> operations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var others = operations.Where(operation => !StorageProposals.Knows(operation)).ToList();
        await foreach (var result in ConflictPreview.PreviewAsync(Remembering, others, cancellationToken).ConfigureAwait(false))
        {
            yield return result;
        }

        foreach (var operation in operations.Where(StorageProposals.Knows))
        {
            yield return await StorageRepair.PreviewAsync(client, operation, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<IStoreRepair> BeginRepairAsync(RepairContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Destination is not null)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                "A database on a server is repaired in place; a destination is for dumps.",
                descriptor.Address,
                "Leave the destination out.");
        }

        await client.OpenAsync(cancellationToken).ConfigureAwait(false);
        return new ServerRepair(Remembering, client, memory, context, new StorageRepair(client, context, FindConflictAsync));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();

    private ConflictScanner Conflicts(ICouchSource source)
    {
        var policy = new RepairPolicy { Resolution = settings };
        var planner = new ConflictPlanner();
        return new ConflictScanner(source, descriptor.Address, settings, (found, versions) => planner.CanAutoResolve(found, policy, versions), client.Options);
    }

    /// <summary>An open conflict whose common ancestor can still be read; null when there is none.</summary>
    private async Task<IntegrityIssue?> FindConflictAsync(CancellationToken cancellationToken)
    {
        var request = new ScanRequest { ScanId = "compaction", Types = IssueTypes.Expand(["conflicts"]) };
        return await Conflicts(server).ScanAsync(request, new ScanStatistics(), cancellationToken)
            .FirstOrDefaultAsync(issue => issue.Evidence is ConflictEvidence { AncestorAvailable: true }, cancellationToken).ConfigureAwait(false);
    }
}
