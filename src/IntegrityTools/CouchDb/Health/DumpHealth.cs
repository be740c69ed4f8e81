using IntegrityTools.Health;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Health;

/// <summary>What a dump tells at once: little, since only a scan reads it.</summary>
internal static class DumpHealth
{
    public static StoreMeasurement Measure(string path)
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
            Checks = [HealthCheck.Of("database", "The file is there.", DiskCheck.Of(usage))],
        };
    }
}
