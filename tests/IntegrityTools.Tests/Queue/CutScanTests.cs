using System.Text.Json;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Sqlite;

namespace IntegrityTools.Tests.Queue;

/// <summary>Scans that were cut off, seen from another machine or after the machine was started anew.</summary>
public class CutScanTests
{
    [Theory]
    [InlineData(-1, false)]
    [InlineData(-20, true)]
    [InlineData(20, true)]
    public async Task A_scan_whose_process_nobody_can_ask_for_goes_on_once_it_has_been_silent(int minutes, bool goesOn)
    {
        await using var place = new Place();
        Databases.Create(place.Database, Databases.Shop, "INSERT INTO item VALUES (1, 12345, x'')");
        var elsewhere = ProcessIdentity.Current with { Host = "ward/another-boot/pid:[1]" };
        var report = new ScanReport { ScanId = "scan-1", Store = "sqlite:" + place.Database, StartedAt = DateTimeOffset.UtcNow.AddMinutes(minutes), Status = "running", Scope = new ScanScope { Types = ["foreign_key_violation"] } };
        await using (var then = await SqliteLedger.OpenAsync(new LedgerOptions { Path = place.Work.PathOf("ledger.db"), Clock = new StandingClock { Now = report.StartedAt } }))
        {
            await then.AppendAsync(
                [
                    new LedgerEvent { Kind = LedgerEventKinds.ScanStarted, ScanId = "scan-1", Store = report.Store, Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(report, ModelJson.Default.ScanReport)) },
                    new LedgerEvent
                    {
                        Kind = LedgerEventKinds.ScanProgressed, ScanId = "scan-1", Store = report.Store,
                        Data = new RawJson(JsonSerializer.SerializeToUtf8Bytes(new ScanProgress(new RunIdentity("scan", "n", elsewhere), null), LedgerJson.Default.ScanProgress)),
                    },
                ],
                default);
        }

        var resumed = place.Work.Engine.ScanAsync(new ScanOptions { Resume = "scan-1" }, default).ToListAsync();

        if (goesOn)
        {
            Assert.Single(await resumed);
        }
        else
        {
            Assert.Equal(ErrorIds.InvalidState, (await Assert.ThrowsAsync<IntegrityException>(() => resumed.AsTask())).ErrorId);
        }
    }
}
