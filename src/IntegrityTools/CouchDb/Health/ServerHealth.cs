using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Storage;
using IntegrityTools.Health;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Health;

/// <summary>What a CouchDB server tells of a database at once.</summary>
internal sealed class ServerHealth(CouchClient client)
{
    /// <summary>Measures. A server that cannot be reached is unhealthy; a wrong name or password is the caller's to mend and is thrown.</summary>
    public async Task<StoreMeasurement> MeasureAsync(CancellationToken cancellationToken)
    {
        DatabaseInfo info;
        try
        {
            info = await client.GetInfoAsync(cancellationToken);
        }
        catch (IntegrityException exception) when (exception.ErrorId == ErrorIds.StoreUnavailable)
        {
            return new StoreMeasurement
            {
                IsReadable = false,
                Checks = [new HealthCheck("database", HealthStatus.Unhealthy, exception.Message)],
                Recommendations = [new HealthRecommendation("See that the server runs and can be reached from here, then look again.", CommandWords.Line("integrity health {0}", "Get-IntegrityHealth {0}"))],
            };
        }

        var usage = await DiskUsageAsync(info, cancellationToken);
        return new StoreMeasurement
        {
            TotalDocuments = info.Documents,
            DatabaseSize = info.ActiveSize,
            FileSize = info.FileSize,
            DiskUsage = usage,
            RecommendCompaction = info is { FileSize: { } file, ActiveSize: { } active } ? !info.CompactRunning && SizeCheck.IsWasteful(file, active) : null,
            Checks = [HealthCheck.Of("database", "The server answers.", DiskCheck.Of(usage)), await new ReplicationCheck(client).RunAsync(info.Name, cancellationToken)],
        };
    }

    // Only a server on this machine, whose folder holds this very database, has a volume that can be seen: a forwarded port looks like one.
    private async Task<double?> DiskUsageAsync(DatabaseInfo info, CancellationToken cancellationToken)
    {
        if (!new Uri(client.Store).IsLoopback)
        {
            return null;
        }

        var answer = await client.AskAsync(HttpMethod.Get, "/_node/_local/_config/couchdb/database_dir", null, ofServer: true, cancellationToken);
        if (!answer.Succeeded || answer.Root is not { ValueKind: JsonValueKind.String } text || text.GetString() is not { Length: > 0 } folder)
        {
            return null;
        }

        try
        {
            var shards = new DirectoryInfo(Path.Combine(folder, "shards"));
            return Path.IsPathFullyQualified(folder) && shards.Exists
                && shards.EnumerateDirectories().Any(range => HasShard(range, info.Name))
                ? Volume.Usage(folder)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool HasShard(DirectoryInfo range, string database)
    {
        var parent = new DirectoryInfo(Path.Combine(range.FullName, Path.GetDirectoryName(database) ?? string.Empty));
        return parent.Exists && parent.EnumerateFiles(Path.GetFileName(database) + ".*.couch").Any();
    }
}
