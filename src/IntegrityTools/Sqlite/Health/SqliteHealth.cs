using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.Health;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Health;

/// <summary>What a SQLite database's files tell at once. They are read as bytes: SQLite opens nothing, and nothing is left behind.</summary>
internal sealed class SqliteHealth(string path, SqliteSettings settings, string? connection)
{
    private const long Megabyte = 1 << 20;

    // A quarter of the file to be won back, and not little.
    private const double LargeFreelist = 0.25;
    private const long Least = Megabyte;

    /// <summary>Measures.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreNotFound"/>.</exception>
    public StoreMeasurement Measure(CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        var usage = Volume.Usage(Path.GetDirectoryName(Path.GetFullPath(files.Path))!);
        var own = files.ReadHeader();
        if (own is not { IsReadable: true })
        {
            return new StoreMeasurement
            {
                IsReadable = false,
                FileSize = DatabaseFiles.LengthOf(files.Path),
                DiskUsage = usage,
                Checks = [new HealthCheck("database", HealthStatus.Unhealthy, own is null ? Identification.Of(files.Path) : "The file's header is none that SQLite opens.")],
                Recommendations = [new HealthRecommendation("See what the file is.", CommandWords.Line("integrity scan {0}", "Get-IntegrityIssue {0}"))],
            };
        }

        if (LogChecks.Danger(files, LogChecks.OfLog, cancellationToken) is { } danger)
        {
            return new StoreMeasurement
            {
                IsReadable = false,
                FileSize = DatabaseFiles.LengthOf(files.Path) + DatabaseFiles.LengthOf(files.Wal),
                DiskUsage = usage,
                Checks = [new HealthCheck("database", HealthStatus.Unhealthy, danger)],
                Recommendations = [new HealthRecommendation(
                    "Save the files as they are, as evidence.", CommandWords.Line("integrity backup {0} --to FOLDER --force", "Backup-IntegrityStore {0} -Destination FOLDER -Force"))],
            };
        }

        var wal = WalFile.Read(files.Wal, own.PageSize, everything: false, cancellationToken);
        var log = wal is { Commits: > 0 } && wal.PageSize == own.PageSize ? wal : null;
        var header = log?.Header ?? own;
        using var pages = PageFile.Open(files.Path);
        var there = pages.PagesIn(own.PageSize);
        pages.Use(own.PageSize, header.Usable, log?.PagesAfter ?? (own.CountsPages ? Math.Min(own.PageCount, there) : there), PageOverlay.Of(log));
        var figures = new SqliteFigures
        {
            Pages = pages.PageCount,
            PageSize = own.PageSize,
            JournalMode = header.IsWal ? "wal" : "delete",
            WalSize = DatabaseFiles.LengthOf(files.Wal),
            FreelistPages = header.FreePages,
            Fragmentation = Fragmentation.Of(pages, cancellationToken),
            Synchronous = connection is null ? null : SettingChecks.Setting(connection, "synchronous", "sync"),
            LoadedVersion = SqliteRuntime.Version,
            WriterVersion = header.WriterVersion?.ToString(),
        };
        var free = figures.FreelistPages * own.PageSize;
        var wasteful = figures.FreelistShare >= LargeFreelist && free >= Least;
        return new StoreMeasurement
        {
            DatabaseSize = (figures.Pages - figures.FreelistPages) * own.PageSize,
            FileSize = DatabaseFiles.LengthOf(files.Path) + figures.WalSize,
            DiskUsage = usage,
            RecommendCompaction = wasteful,
            Sqlite = figures,
            Checks = [HealthCheck.Of("database", "The file has a right header.", [.. Faults(files, figures), .. DiskCheck.Of(usage)])],
            Recommendations = [.. Advice(figures, files.Path, wasteful ? free : 0, header.IncrementalVacuum)],
        };
    }

    private IEnumerable<(HealthStatus Status, string Reason)> Faults(DatabaseFiles files, SqliteFigures figures)
    {
        if (IsOversized(figures))
        {
            yield return (HealthStatus.Degraded, string.Create(
                CultureInfo.InvariantCulture, $"The -wal holds {figures.WalSize / Megabyte:N0} MB, more than {settings.WalLimitMegabytes:N0} (sqlite.wal_limit_mb): no checkpoint gets through."));
        }

        if (RollbackJournal.IsThere(files.Journal))
        {
            yield return (HealthStatus.Degraded, "There is a rollback journal: a process is writing now, or one was killed while it did.");
        }

        if (figures.Synchronous is "off" or "0")
        {
            yield return (HealthStatus.Degraded, "The application writes with synchronous=OFF: a power cut can damage the database.");
        }
    }

    private IEnumerable<HealthRecommendation> Advice(SqliteFigures figures, string file, long free, bool incremental)
    {
        if (IsOversized(figures))
        {
            yield return new HealthRecommendation("Empty the log by a checkpoint.", CommandWords.Line("integrity plan {0} --type oversized_wal", "New-RepairPlan {0} -Type oversized_wal"));
        }

        if (free > 0)
        {
            var much = string.Create(CultureInfo.InvariantCulture, $"Give back {free / Megabyte:N0} MB that hold nothing");
            yield return incremental
                ? new HealthRecommendation($"{much}, a few pages at a time.", CommandWords.Line("integrity optimize {0} --confirm", "Optimize-IntegrityStore {0}"))
                : new HealthRecommendation(
                    $"{much}, by SQLite's own shell while the application rests: without auto_vacuum only the whole file can be written anew. They are used again when it grows.",
                    $"sqlite3 {CommandWords.Argument(file)} VACUUM");
        }
    }

    private bool IsOversized(SqliteFigures figures) => figures.WalSize > settings.WalLimitMegabytes * Megabyte;
}
