namespace IntegrityTools.Stores;

/// <summary>A process's part in a scan that several share; taken with <see cref="IIntegrityStore.ShareScanAsync"/>, and handed back to the store in <see cref="ScanRequest.Shared"/>.</summary>
public interface ISharedScan : IAsyncDisposable
{
    /// <summary>The scan's id, the same for all that take part.</summary>
    string ScanId { get; }
}
