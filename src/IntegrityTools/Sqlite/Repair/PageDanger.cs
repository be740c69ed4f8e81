using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>
/// Pages that are free and in use, or in use twice, and pointer maps that are wrong: SQLite writes over live rows there, whatever row or index it was told to change.
/// </summary>
internal static class PageDanger
{
    private const int MostReadings = 5;

    /// <summary>Why no row and no index of a database may be written, and what to do; null: nothing speaks against it.</summary>
    /// <param name="path">The database.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.StoreUnavailable"/>: others keep it locked, or write to it all the time.</exception>
    public static string? Of(string path, CancellationToken cancellationToken)
    {
        var files = DatabaseFiles.Find(path);
        var context = new CheckContext
        {
            Request = new ScanRequest { ScanId = string.Empty, Types = new HashSet<string> { IssueTypes.DamagedPage }, MinimumSeverity = Severity.Info },
            Store = files.Path,
            Files = files,
            Header = files.RequireHeader(),
            Settings = new SqliteSettings(),
            Cancellation = cancellationToken,
        };
        for (var attempt = 1; attempt <= MostReadings; attempt++)
        {
            using var reader = QuietReader.ForRows(path, cancellationToken);
            using var walk = new PageWalk(context, reader.Connection, reader.Data);
            walk.Run(schema: null, version: null);
            if (!walk.HasMoved && !reader.HasMoved)
            {
                return walk.Pages?.WhyNotWrite is { } why ? $"Any write to the file can destroy sound rows, and nothing was written: {why} Repair the copy then, or salvage the file into a new one ('integrity salvage', Restore-IntegrityStore -Salvage)." : null;
            }
        }

        throw new IntegrityException(ErrorIds.StoreUnavailable, "Other processes wrote to the database each time that its pages were looked at.", path, "Run the command again when they write less.");
    }
}
