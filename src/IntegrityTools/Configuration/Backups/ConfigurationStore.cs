using System.Runtime.CompilerServices;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Configuration.Backups;

/// <summary>The configured files as a store: they are restored and taken back by the one executor, and by nothing else.</summary>
internal sealed class ConfigurationStore(StoreDescriptor descriptor, byte[]? key) : IIntegrityStore
{
    /// <inheritdoc/>
    public StoreDescriptor Descriptor => descriptor;

    /// <inheritdoc/>
    public IReadOnlySet<string> Types { get; } = new HashSet<string>();

    /// <inheritdoc/>
    public ILeaseKeeper? LeaseKeeper => null;

    /// <inheritdoc/>
    public IAsyncEnumerable<IntegrityIssue> ScanAsync(ScanRequest request, ScanStatistics statistics, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<IntegrityIssue>();

    /// <inheritdoc/>
    public IAsyncEnumerable<RepairOperation> ProposeAsync(IAsyncEnumerable<IntegrityIssue> issues, RepairPolicy policy, CancellationToken cancellationToken) =>
        AsyncEnumerable.Empty<RepairOperation>();

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairOperation> ProposeUndoAsync(
        IAsyncEnumerable<AppliedOperation> applied, UndoSource source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var done in applied.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var operation = done.Operation;
            var now = ConfigurationBackupProvider.StateOf(operation.Subject);
            if (!done.IsWhole && ConfigurationRepair.Holds(operation, now))
            {
                continue; // Cut off before it wrote.
            }

            var inverse = ConfigurationBackupProvider.Operation(source.Execution.Id, source.Backup.Path, operation.Subject, now) with { IssueId = operation.IssueId };
            yield return done.IsWhole ? inverse with { Precondition = done.Result!.After! }
                : IsOwnWork(operation, now) ? inverse
                : inverse with
                {
                    NeedsReview = true,
                    Action = null,
                    Reason = "The file is neither what it was before the restore nor what the restore makes of it: it was changed since, and is left alone. "
                        + $"What stood there before is in '{source.Backup.Path}'.",
                };
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RepairResult> PreviewAsync(IReadOnlyList<RepairOperation> operations, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var operation in operations)
        {
            var holds = ConfigurationRepair.Holds(operation, ConfigurationBackupProvider.StateOf(operation.Subject));
            yield return RepairResult.Of(
                "dry-run", operation, holds ? OperationOutcome.WouldApply : OperationOutcome.Stale, holds ? operation.Reason : ConfigurationRepair.StaleMessage);
        }
    }

    /// <inheritdoc/>
    public Task<StoreMeasurement> MeasureAsync(CancellationToken cancellationToken) => Task.FromResult(new StoreMeasurement());

    /// <inheritdoc/>
    public Task<IStoreRepair> BeginRepairAsync(RepairContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IStoreRepair>(new ConfigurationRepair(context, key));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>True when the file is what an operation without a whole result makes of it; without the backup that it gives back nobody can tell.</summary>
    private static bool IsOwnWork(RepairOperation operation, FileState? now)
    {
        try
        {
            return now?.Sha256 == ConfigurationRepair.SavedFile(operation).Sha256;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or IntegrityException)
        {
            return false;
        }
    }
}
