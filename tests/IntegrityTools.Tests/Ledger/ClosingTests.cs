using IntegrityTools.Ledger;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Ledger;

/// <summary>What closing a ledger does while others use it, and what is written to one that was moved.</summary>
public sealed class ClosingTests : IDisposable
{
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_ledger_that_another_process_holds_is_closed_without_a_failure_and_without_waiting()
    {
        var ledger = await folder.OpenAsync(timeout: TimeSpan.FromSeconds(20));
        await ledger.AppendAsync([LedgerFolder.Event(1)], default);
        await using (new FileStream(folder.Path + ".lock", FileMode.Open, FileAccess.Write, FileShare.None))
        {
            await ledger.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        }

        await using var next = await folder.OpenAsync();
        Assert.Equal(1, await next.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
        await next.AppendAsync([LedgerFolder.Event(2)], default);
        Assert.True((await next.VerifyAsync(default)).Ok);
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_appended_after_the_ledger_was_moved_away_is_refused_and_not_lost_without_a_word(bool another)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs the numbers of files");
        await using var ledger = await folder.OpenAsync();
        await ledger.AppendAsync([LedgerFolder.Event(1)], default);
        foreach (var suffix in new[] { "-wal", "-shm", string.Empty })
        {
            File.Move(folder.Path + suffix, folder.Path + ".old" + suffix);
        }

        if (another)
        {
            await folder.FillAsync(3);
        }

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => ledger.AppendAsync([LedgerFolder.Event(2)], default));

        Assert.Equal(ErrorIds.LedgerUnavailable, refused.ErrorId);
        Assert.Contains("moved", refused.Message, StringComparison.Ordinal);
        await ledger.AppendAsync([LedgerFolder.Event(4)], default);
        Assert.Equal(another ? 4 : 1, await ledger.ReadEventsAsync(new LedgerQuery(), default).CountAsync());
    }

    [Fact]
    public async Task An_event_that_no_longer_holds_what_its_kind_says_is_told_as_a_change_of_the_ledger()
    {
        await using (var ledger = await folder.OpenAsync())
        {
            await ledger.AppendAsync([new LedgerEvent { Kind = LedgerEventKinds.ScanStarted, ScanId = "scan-1", Store = "s", Data = RawJson.FromText("{}") }], default);
            await ledger.AppendAsync([LedgerFolder.Event(1)], default);
        }

        folder.Tamper("UPDATE event SET data = '{\"scan_id\": 7' WHERE number = 1");
        await using var changed = await folder.OpenAsync();

        var told = await Assert.ThrowsAsync<IntegrityException>(() => changed.ListScansAsync(default));

        Assert.Equal(ErrorIds.LedgerUnavailable, told.ErrorId);
        Assert.Contains("audit verify", told.NextStep, StringComparison.Ordinal);
    }
}
