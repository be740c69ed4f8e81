using IntegrityTools.Health;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Health;

/// <summary>What a dump tells at once: little, since only a scan reads it.</summary>
internal static class DumpHealth
{
    private static readonly IReadOnlyList<(HealthStatus, string)> Winners =
        [(HealthStatus.Degraded, "The file holds winners only: whether documents are in conflict does not show in it.")];

    public static StoreMeasurement Measure(string path, bool winnersOnly)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new IntegrityException(ErrorIds.StoreNotFound, $"There is no file '{path}'.", path, "Check the path.");
        }

        var usage = Volume.Usage(file.DirectoryName!);
        return new StoreMeasurement
        {
            FileSize = file.Length,
            DiskUsage = usage,
            Checks = [HealthCheck.Of("database", "The file is there.", [.. DiskCheck.Of(usage), .. winnersOnly ? Winners : []])],
        };
    }
}
