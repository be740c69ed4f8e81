using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools;

/// <summary>Salvage, as every host calls it.</summary>
public static class EngineSalvage
{
    /// <summary>
    /// Salvages a damaged SQLite database into a new one, and records it. What is salvaged may be the ledger itself: a record that cannot be made
    /// is told in the report.
    /// </summary>
    /// <exception cref="IntegrityException">The file cannot be read, is no database at all, or the new one cannot be written.</exception>
    public static async Task<SalvageReport> SalvageAsync(this IntegrityEngine engine, SalvageOptions salvage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(salvage);
        var schema = salvage.SchemaPath is null ? null : await engine.Backups.DatabaseOfAsync(salvage.SchemaPath, cancellationToken).ConfigureAwait(false);
        var report = await Task.Run(() => Salvager.Run(salvage with { SchemaPath = schema }, cancellationToken), cancellationToken).ConfigureAwait(false);
        try
        {
            var book = await engine.GetLedgerAsync(cancellationToken).ConfigureAwait(false);
            await book.AppendAsync(
                [
                    new LedgerEvent
                    {
                        Kind = LedgerEventKinds.DatabaseSalvaged,
                        Store = $"sqlite:{report.Source}",
                        Subject = report.Destination,
                        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(report, LedgerJson.Default.SalvageReport)),
                    },
                ],
                CancellationToken.None).ConfigureAwait(false);
            return report;
        }
        catch (IntegrityException failure)
        {
            return report with { Notes = [.. report.Notes, $"The salvage is not in the ledger: {failure.Message}"] };
        }
    }
}
