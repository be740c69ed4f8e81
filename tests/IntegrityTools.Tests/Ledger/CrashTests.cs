using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Ledger;

/// <summary>The ledger after power was lost, or the disk failed, between any two of its writes, or within one.</summary>
[Collection(nameof(SqliteTap))]
public sealed class CrashTests : IDisposable
{
    private const int Batch = 3;
    private const int DiskFull = 13;
    private const int WriteError = 10 | (3 << 8);
    private const int FlushError = 10 | (4 << 8);

    private readonly LedgerFolder place = new();
    private readonly string crashed = Directory.CreateTempSubdirectory("ledger-crash-").FullName;

    public void Dispose()
    {
        place.Dispose();
        Directory.Delete(crashed, recursive: true);
    }

    [SkippableFact]
    public async Task After_any_of_its_writes_whole_or_torn_it_holds_exactly_the_batches_that_were_committed()
    {
        using (var tap = new SqliteTap(place.Folder))
        {
            await FillAsync(tap, rounds: 2, batches: 4);
            Steps = tap.Steps;
        }

        Assert.Contains(Steps, step => step.Kind == SqliteWriteKind.Write && step.Path.EndsWith("ledger.db", StringComparison.Ordinal));
        Assert.Contains(Steps, step => step.Kind == SqliteWriteKind.Write && step.Path.EndsWith("-wal", StringComparison.Ordinal));
        var random = new Random(42);
        var disk = new SimulatedDisk();
        disk.Apply(new SqliteWrite(SqliteWriteKind.Truncate, place.Path, 0, []));
        var flushed = disk.Copy();
        var unflushed = new List<SqliteWrite>();
        var (begun, done, previous) = (0, 0, 0);
        for (var number = 0; number < Steps.Count; number++)
        {
            var step = Steps[number];
            if (step.Kind == SqliteWriteKind.Mark)
            {
                (begun, done) = step.Path == "begin" ? (begun + 1, done) : (begun, done + 1);
                continue;
            }

            if (step.Kind == SqliteWriteKind.Write)
            {
                var torn = disk.Copy();
                torn.ApplyTorn(step, random.Next(1, 1 + (step.Data.Length / 512)));
                await CheckAsync(torn, done, begun, append: false);
            }

            disk.Apply(step);
            var now = await CheckAsync(disk, done, begun, append: number % 16 == 0);
            Assert.True(now >= previous, "What was committed once was gone later.");
            previous = now;

            // Since the last flush of a file its writes may have reached the disk in any order, or not at all.
            unflushed.Add(step);
            if (step.Kind == SqliteWriteKind.Sync)
            {
                var kept = unflushed.Where(write => write.Path == step.Path).ToList();
                kept.ForEach(flushed.Apply);
                unflushed.RemoveAll(write => write.Path == step.Path);
            }
            else if (number % 3 == 0)
            {
                var lost = flushed.Copy();
                unflushed.Where(write => write.Kind != SqliteWriteKind.Write || random.Next(2) == 0).ToList().ForEach(lost.Apply);
                await CheckAsync(lost, done, begun, append: false);
            }
        }

        Assert.Equal((8, 8), (done, previous));
    }

    [SkippableTheory]
    [InlineData(DiskFull)]
    [InlineData(WriteError)]
    [InlineData(FlushError)]
    public async Task Whichever_write_or_flush_fails_it_is_told_and_nothing_acknowledged_is_lost(int code)
    {
        int count;
        using (var tap = new SqliteTap(place.Folder))
        {
            await FillAsync(tap, rounds: 1, batches: 2);
            count = tap.Steps.Count(step => step.Kind != SqliteWriteKind.Mark);
        }

        for (var step = 0; step < count; step++)
        {
            using var folder = new LedgerFolder();
            int done;
            using (var tap = new SqliteTap(folder.Folder))
            {
                tap.FailFrom(step, code);
                var failure = await Record.ExceptionAsync(() => FillAsync(tap, rounds: 1, batches: 2, folder));
                Assert.True(failure is null or IntegrityException { ErrorId: ErrorIds.LedgerUnavailable, NextStep: not null }, $"step {step}: {failure}");
                done = tap.Steps.Count(known => known is { Kind: SqliteWriteKind.Mark, Path: "end" });
                Assert.True(failure is not null || done == 2, $"step {step} failed and nobody was told.");
            }

            await using var ledger = await folder.OpenAsync();
            await ledger.AppendAsync([LedgerFolder.Event(0)], default);
            var verified = await ledger.VerifyAsync(default);
            Assert.Empty(verified.Faults);
            Assert.InRange(verified.Events, (done * Batch) + 1, (2 * Batch) + 1);
        }
    }

    private IReadOnlyList<SqliteWrite> Steps { get; set; } = [];

    private async Task FillAsync(SqliteTap tap, int rounds, int batches, LedgerFolder? folder = null)
    {
        for (var round = 0; round < rounds; round++)
        {
            await using var ledger = await (folder ?? place).OpenAsync();
            for (var batch = 0; batch < batches; batch++)
            {
                tap.Mark("begin");
                await ledger.AppendAsync([.. Enumerable.Range(1, Batch).Select(LedgerFolder.Event)], default);
                tap.Mark("end");
            }
        }
    }

    /// <summary>Opens what the disk holds and returns the batches in it.</summary>
    private async Task<int> CheckAsync(SimulatedDisk disk, int done, int begun, bool append)
    {
        disk.WriteTo(crashed);
        await using var ledger = await SqliteLedger.OpenAsync(new LedgerOptions { Path = Path.Combine(crashed, "ledger.db") }, default);
        var verified = await ledger.VerifyAsync(default);
        Assert.Empty(verified.Faults);
        Assert.Equal(0, verified.Events % Batch);
        Assert.InRange(verified.Events / Batch, done, begun);
        if (append)
        {
            await ledger.AppendAsync([LedgerFolder.Event(0)], default);
            Assert.Equal(verified.Events + 1, (await ledger.VerifyAsync(default)).Events);
        }

        return (int)(verified.Events / Batch);
    }
}
