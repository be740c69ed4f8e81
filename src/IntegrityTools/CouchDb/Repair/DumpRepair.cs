using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Repairs a dump into a new one: the old bytes, then the new revisions. So the new dump holds all that the old one held, ancestors for
/// later merges included, and the old one can be given back from it byte for byte.
/// </summary>
internal sealed class DumpRepair(DumpSource source, string path, string destination, RepairContext context) : IStoreRepair
{
    private readonly string temporary = TemporaryFiles.NameFor(destination);
    private readonly Dictionary<string, LeafSetPrecondition> expected = new(StringComparer.Ordinal);
    private DumpAppender? appender;
    private FileStream? file;
    private bool made;

    /// <inheritdoc/>
    public int BatchSize => 1000;

    /// <inheritdoc/>
    public bool AllOrNothing => true;

    /// <summary>Nothing is overwritten, so what is saved is the old dump itself, known by its digest.</summary>
    public async Task<BackupRecord> SaveAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            file = Make();
            if (operations is [{ Action: RestoreFileAction }])
            {
                var whole = await FileDigest.OfAsync(path, cancellationToken).ConfigureAwait(false);
                return new BackupRecord(Path.GetFullPath(path), whole.Sha256, whole.Length, 1, 0);
            }

            var length = new FileInfo(path).Length;
            var sha256 = await FileDigest.CopyAsync(path, length, file, cancellationToken).ConfigureAwait(false);
            await source.OpenAsync(cancellationToken).ConfigureAwait(false);
            appender = await DumpAppender.OpenAsync(path, file, source.IsContinued ? source : null, cancellationToken).ConfigureAwait(false);
            return new BackupRecord(Path.GetFullPath(path), sha256, length, operations.Count, 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed,
                $"The new dump cannot be written, so nothing was repaired: {exception.Message}",
                destination,
                "Make room or name a file in a folder that you may write to; the old dump is untouched.",
                exception);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RepairResult>> ApplyAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken) =>
        WritingAsync(() => AppendAsync(operations, cancellationToken));

    /// <summary>Flushes the new dump, reads it back, and only then gives it its name.</summary>
    public Task<WrittenFile?> CompleteAsync(CancellationToken cancellationToken) => WritingAsync(() => NameAsync(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (file is not null)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // A full disk refuses the last buffer once more; what is thrown away need not be written.
        }
        finally
        {
            // What another run under way has made under this name is its own.
            if (made)
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>Opens the new file under a name of this process, readable for those who may read the old dump and nobody else; what a killed run left in its folder goes.</summary>
    private FileStream Make()
    {
        TemporaryFiles.RemoveAbandoned(Path.GetDirectoryName(destination)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.GetUnixFileMode(path) | UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var opened = new FileStream(temporary, options);
        made = true;
        return opened;
    }

    private async Task<IReadOnlyList<RepairResult>> AppendAsync(IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        if (operations is [{ Action: RestoreFileAction restore }])
        {
            return await RestoreAsync(operations[0], restore, cancellationToken).ConfigureAwait(false);
        }

        var overlay = new DumpOverlay(source, appender!);
        await using var saved = new SavedRevisions();
        using var known = new CouchOperations(
            new ConflictResolution(overlay, overlay, context.ExecutionId),
            new RevisionRestoration(overlay, overlay, saved, context.ExecutionId));
        var results = await known.ApplyAsync(operations, cancellationToken).ConfigureAwait(false);
        foreach (var (operation, result) in operations.OrderBy(operation => operation.Number).Zip(results))
        {
            if (result.After is LeafSetPrecondition after)
            {
                expected[operation.Subject] = after;
            }
        }

        return results;
    }

    private async Task<WrittenFile?> NameAsync(CancellationToken cancellationToken)
    {
        if (appender is not null)
        {
            await appender.DisposeAsync().ConfigureAwait(false);
        }

        await file!.FlushAsync(cancellationToken).ConfigureAwait(false);
        file.FlushToDisk();
        await file.DisposeAsync().ConfigureAwait(false);
        file = null;
        await VerifyAsync(cancellationToken).ConfigureAwait(false);
        var written = await FileDigest.OfAsync(temporary, cancellationToken).ConfigureAwait(false);
        if (!File.Exists(destination))
        {
            File.Move(temporary, destination, overwrite: false);
        }
        else if ((await FileDigest.OfAsync(destination, cancellationToken).ConfigureAwait(false)).Sha256 != written.Sha256)
        {
            // The same plan on the same dump gives the same bytes. So a file that a run killed between its naming and its record left
            // behind is known by its digest, and anything else is not ours.
            throw DumpDestination.Exists(destination);
        }

        FolderSync.Flush(Path.GetDirectoryName(destination)!);
        return written with { Path = destination, Damaged = context.Undoing ? [] : source.Damaged };
    }

    private async Task<IReadOnlyList<RepairResult>> RestoreAsync(
        RepairOperation operation, RestoreFileAction restore, CancellationToken cancellationToken)
    {
        var results = new BatchResults(context.ExecutionId, [operation]);
        var sha256 = await FileDigest.CopyAsync(restore.Path ?? path, restore.Length, file!, cancellationToken).ConfigureAwait(false);
        if (sha256 == restore.Sha256)
        {
            results.Set(0, OperationOutcome.Applied, $"{destination} is the dump as it was: SHA-256 {sha256}.");
        }
        else
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile,
                $"The dump was changed since the repair: it is no longer the old one, or begins with it ({sha256} is not {restore.Sha256}).",
                restore.Path ?? path,
                "Nothing was written. Use the old dump itself, if it is still there.");
        }

        return results.ToList();
    }

    private async Task<T> WritingAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw new IntegrityException(
                ErrorIds.OperationFailed,
                $"The new dump could not be written, and was not kept: {exception.Message}",
                destination,
                "Make room, then resume the execution; the old dump is untouched.",
                exception);
        }
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (expected.Count == 0)
        {
            return;
        }

        await using var written = new DumpSource(temporary);
        var left = new HashSet<string>(expected.Keys, StringComparer.Ordinal);
        await foreach (var leaves in written.ReadLeavesAsync([.. expected.Keys], cancellationToken).ConfigureAwait(false))
        {
            if (OperationProgress.Matches(expected[leaves.Id], leaves))
            {
                left.Remove(leaves.Id);
            }
        }

        if (left.Count > 0)
        {
            throw new IntegrityException(
                ErrorIds.OperationFailed,
                $"The new dump does not read back as it was written ({Counted.Of(left.Count, "document")}, the first is '{left.First()}'): it was not kept.",
                destination,
                "Check the disk and run the plan again; the old dump is untouched.");
        }
    }
}
