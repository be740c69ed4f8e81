using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>How one kind of store is saved, checked and given back.</summary>
public interface IBackupProvider
{
    /// <summary>The kind, such as <c>couchdb</c>.</summary>
    string Kind { get; }

    /// <summary>
    /// Writes a backup's files: under temporary names, flushed, then renamed. The manifest, which the caller writes, makes a backup of
    /// them. A failure leaves nothing behind but what a later run can go on with.
    /// </summary>
    /// <exception cref="IntegrityException">The store cannot be read, fails its check, or the disk refuses.</exception>
    Task<BackupManifest> BackUpAsync(BackupRequest request, CancellationToken cancellationToken);

    /// <summary>Reads the content of a chain whose files are known to be whole: counts it against the manifests, restores it elsewhere and scans it there.</summary>
    /// <param name="chain">The backup and all that it builds on, oldest first.</param>
    /// <param name="target">Where to restore to, such as a server; null: a scratch place on this machine.</param>
    /// <param name="scan">The configuration to scan with; null to leave out restoring and scanning.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<BackupVerification> TestAsync(IReadOnlyList<BackupManifest> chain, BackupTarget? target, IntegrityConfiguration? scan, CancellationToken cancellationToken);

    /// <summary>Tells what restoring a chain whose files are known to be whole would do, and the operations that do it. Writes nothing.</summary>
    Task<RestoreProposal> ProposeRestoreAsync(RestoreRequest request, CancellationToken cancellationToken);

    /// <summary>Makes the store, empty, where a restore needs one to work on; nothing where it needs none.</summary>
    Task PrepareAsync(BackupTarget target, CancellationToken cancellationToken);
}
