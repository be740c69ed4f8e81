using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>Backs up databases of CouchDB servers as dumps, and restores them.</summary>
internal sealed class CouchBackupProvider : IBackupProvider
{
    // Reading whole documents gains from fewer requests up to here; what a person configures above it holds.
    private const int LeastBatch = 500;

    /// <inheritdoc/>
    public string Kind => "couchdb";

    /// <inheritdoc/>
    public async Task<BackupManifest> BackUpAsync(BackupRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var client = Client(request.Target);
        await using var source = new ServerSource(client);
        using var backup = new ServerBackup(client, source, request);
        return await backup.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<BackupVerification> TestAsync(
        IReadOnlyList<BackupManifest> chain, BackupTarget? target, IntegrityConfiguration? scan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return await new DumpTest(chain, scan).RunAsync(target, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<RestoreProposal> ProposeRestoreAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var client = Client(request.Target);
        await using var source = new ServerSource(client);
        return await new RestoreComparison(client, source, request).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task PrepareAsync(BackupTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        using var client = Client(target);
        try
        {
            // Who may write a database need not be one who may make it.
            await client.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException absent) when (absent.ErrorId == ErrorIds.StoreNotFound)
        {
            await client.CreateDatabaseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A client for whole documents.</summary>
    internal static CouchClient Client(BackupTarget target)
    {
        var performance = target.Configuration.Performance;
        var options = CouchOptions.Of(performance) with { BatchSize = Math.Max(LeastBatch, performance.BatchSize) };
        return new CouchClient(target.Reference.Address.Server!, target.Reference.Address.Database!, target.Credential, options);
    }
}
