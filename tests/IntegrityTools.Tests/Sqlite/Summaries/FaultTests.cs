using System.Diagnostics;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>An installation on a disk that fills up, breaks, or may not be written.</summary>
[Collection(nameof(SqliteTap))]
public class FaultTests
{
    private const int Tries = 12;

    [SkippableTheory]
    [InlineData("WAL", 13)]
    [InlineData("WAL", 10 | (4 << 8))]
    [InlineData("DELETE", 13)]
    [InlineData("DELETE", 10 | (3 << 8))]
    [InlineData("DELETE", 10 | (4 << 8))]
    public async Task Whichever_write_fails_the_table_is_there_whole_or_not_at_all_and_a_resumed_run_makes_it(string mode, int code)
    {
        var (count, failures) = (0, 0);
        for (var attempt = 0; attempt <= Tries; attempt++)
        {
            await using var place = new SummaryPlace();
            place.Do($"PRAGMA journal_mode = {mode}", Corruptions.Schema);
            Corruptions.InsertRandom(place.Database, new Random(3), 120);
            var schema = place.Schema();
            var plan = (await place.PlanInstallAsync())!;
            Exception? failure;
            using (var tap = new SqliteTap(Path.GetDirectoryName(place.Database)!))
            {
                // The first one goes through, and tells how many steps there are.
                tap.FailFrom(attempt == 0 ? -1 : (attempt - 1) * count / Tries, code);
                failure = await Record.ExceptionAsync(async () => await place.Work.RunAsync(plan));
                count = attempt == 0 ? tap.Steps.Count : count;
            }

            if (failure is not null)
            {
                Assert.True(failure is IntegrityException { NextStep: not null }, failure.ToString());
                Assert.Equal("ok", Databases.Ask(place.Database, "PRAGMA integrity_check"));

                // A commit that was written and whose flush failed can be there all the same: whole.
                var there = place.Schema().Count != schema.Count;
                Assert.True(there ? (await place.TestAsync()).Ok : schema.SequenceEqual(place.Schema()));
                var resumed = await place.Work.ResumeAsync(place.Work.Execution!.Id);
                Assert.Equal(there ? OperationOutcome.AlreadyApplied : OperationOutcome.Applied, Assert.Single(resumed).Outcome);
            }

            Assert.True((await place.TestAsync()).Ok);
            Assert.Equal(Oracle.Rows(place.Database), place.Rows());
            failures += failure is null ? 0 : 1;
        }

        // What fails after the commit, while the log is tidied up, harms nothing and is not told.
        Assert.InRange(failures, Tries / 2, Tries);
    }

    [SkippableFact]
    public async Task A_folder_that_may_not_be_written_is_told_with_what_to_do()
    {
        await using var place = new SummaryPlace();
        place.Do(Corruptions.Schema);
        var plan = (await place.PlanInstallAsync())!;
        var folder = Path.GetDirectoryName(place.Database)!;
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "--bind", folder, folder) && Run("mount", "-o", "remount,ro,bind", folder), "needs the right to mount");
        try
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(async () => await place.Work.RunAsync(plan));
            Assert.Contains("right to write", refused.NextStep, StringComparison.Ordinal);
        }
        finally
        {
            Run("umount", "-l", folder);
        }

        await place.Work.ResumeAsync(place.Work.Execution!.Id);
        Assert.True((await place.TestAsync()).Ok);
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
