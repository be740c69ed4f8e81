using System.Diagnostics;
using System.Globalization;
using System.Text;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using Xunit.Abstractions;

namespace IntegrityTools.Tests.Ledger;

public sealed class FileTests(ITestOutputHelper output) : IDisposable
{
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Reading_what_does_not_exist_makes_no_file()
    {
        await using (var ledger = await folder.OpenAsync())
        {
            Assert.Empty(await ledger.ListScansAsync(default));
            Assert.Null(await ledger.GetPlanAsync("plan-x", default));
            Assert.True((await ledger.VerifyAsync(default)).Ok);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Folder));
    }

    [SkippableFact]
    public async Task Its_files_belong_to_their_owner_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "Unix file modes");
        await folder.FillAsync(1);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(folder.Path)!));
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(folder.Path)!))
            {
                Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & Others);
            }
        }
    }

    [Fact]
    public async Task A_newer_ledger_and_another_programs_database_are_refused_and_left_alone()
    {
        await folder.FillAsync(1);
        folder.Tamper("PRAGMA user_version = 99");
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => folder.OpenAsync());
        Assert.Equal(ErrorIds.LedgerUnavailable, failure.ErrorId);
        Assert.Contains("Update", failure.NextStep, StringComparison.Ordinal);
        folder.Tamper("PRAGMA user_version = 1; PRAGMA application_id = 7");
        await Assert.ThrowsAsync<IntegrityException>(() => folder.OpenAsync());
    }

    [Fact]
    public async Task A_lock_that_is_held_too_long_is_named()
    {
        await folder.FillAsync(1);
        using var held = new FileStream(folder.Path + ".lock", FileMode.Open, FileAccess.Write, FileShare.None);
        await using var ledger = await folder.OpenAsync(timeout: TimeSpan.FromMilliseconds(50));
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => ledger.AppendAsync([LedgerFolder.Event(2)], default));
        Assert.Contains(".lock", failure.Message, StringComparison.Ordinal);
        Assert.Single(await ledger.ReadEventsAsync(new LedgerQuery(), default).ToArrayAsync());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_told_with_a_next_step()
    {
        var file = Path.Combine(folder.Folder, "file");
        await File.WriteAllTextAsync(file, "x");
        await using var ledger = await SqliteLedger.OpenAsync(new LedgerOptions { Path = Path.Combine(file, "ledger.db") });
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => ledger.AppendAsync([LedgerFolder.Event(1)], default));
        Assert.Equal(ErrorIds.LedgerUnavailable, failure.ErrorId);
        Assert.NotNull(failure.NextStep);
    }

    [Fact]
    public async Task The_audit_log_has_one_line_an_event_and_no_sensitive_value()
    {
        var path = Path.Combine(folder.Folder, "audit.jsonl");
        await using var ledger = await folder.OpenAsync(audit: path);
        await ledger.AppendAsync([LedgerFolder.Event(1), LedgerFolder.Event(2)], default);
        var text = await File.ReadAllTextAsync(path);
        Assert.Equal(2, text.Count(letter => letter == '\n'));
        Assert.Contains("\"data\":{\"n\":2}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_of_two_ledgers_that_share_one_audit_log_could_not_be_told_apart()
    {
        const int Appends = 200;
        var path = Path.Combine(folder.Folder, "audit.jsonl");
        using var other = new LedgerFolder();
        await Task.WhenAll(new[] { folder, other }.Select(one => Task.Run(async () =>
        {
            await using var ledger = await one.OpenAsync(audit: path);
            for (var number = 1; number <= Appends; number++)
            {
                await ledger.AppendAsync([LedgerFolder.Event(number)], default);
            }
        })));

        var lines = File.ReadLines(path).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToLookup(
            line => line.GetProperty("ledger").GetString(), line => line.GetProperty("number").GetInt64());
        Assert.Equal(Enumerable.Range(1, Appends).Select(number => (long)number), lines[folder.Path]);
        Assert.Equal(Enumerable.Range(1, Appends).Select(number => (long)number), lines[other.Path]);
    }

    [Fact]
    public async Task An_audit_log_that_cannot_be_opened_stops_the_append()
    {
        await folder.FillAsync(1);
        await using var ledger = await folder.OpenAsync(audit: Path.Combine(folder.Path, "audit.jsonl"));
        await Assert.ThrowsAsync<IntegrityException>(() => ledger.AppendAsync([LedgerFolder.Event(2)], default));
        Assert.Equal(1, (await ledger.VerifyAsync(default)).Events);
    }

    [Fact]
    public async Task Killed_at_any_moment_it_holds_all_that_was_acknowledged_and_only_whole_batches()
    {
        const int Batch = 7;
        const int Kills = 20;
        var random = new Random(20);
        for (var kill = 0; kill < Kills; kill++)
        {
            using var own = new LedgerFolder();
            using var child = Start(own.Path, "w", 1_000_000, Batch);
            var acknowledged = new StringBuilder();
            var target = random.Next(0, 40);
            for (var seen = 0; seen <= target; seen++)
            {
                acknowledged.AppendLine(await child.StandardOutput.ReadLineAsync());
            }

            Thread.SpinWait(random.Next(1, 200_000));
            child.Kill();
            acknowledged.Append(await child.StandardOutput.ReadToEndAsync());
            await child.WaitForExitAsync();

            var last = acknowledged.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).Max();
            await using var ledger = await own.OpenAsync();
            var result = await ledger.VerifyAsync(default);
            Assert.True(result.Ok, string.Join(';', result.Faults));
            Assert.InRange(result.Events, last, last + Batch);
            Assert.Equal(0, result.Events % Batch);
            await ledger.AppendAsync([LedgerFolder.Event(1)], default);
            Assert.True((await ledger.VerifyAsync(default)).Ok);
        }
    }

    [Fact]
    public async Task Processes_that_append_at_once_lose_nothing_and_keep_one_chain()
    {
        using var one = Start(folder.Path, "one", 60, 40);
        using var two = Start(folder.Path, "two", 60, 40);
        await Task.WhenAll(one.StandardOutput.ReadToEndAsync(), two.StandardOutput.ReadToEndAsync());
        await Task.WhenAll(one.WaitForExitAsync(), two.WaitForExitAsync());
        Assert.Equal((0, 0), (one.ExitCode, two.ExitCode));
        await using var ledger = await folder.OpenAsync();
        var result = await ledger.VerifyAsync(default);
        Assert.True(result.Ok, string.Join(';', result.Faults));
        Assert.Equal(4800, result.Events);
        var entries = await ledger.ReadEventsAsync(new LedgerQuery(), default).ToArrayAsync();
        foreach (var actor in new[] { "one", "two" })
        {
            Assert.Equal(Enumerable.Range(1, 2400), entries.Where(entry => entry.Actor == actor).Select(entry => int.Parse(entry.Event.Subject!, CultureInfo.InvariantCulture)));
        }
    }

    [SkippableFact]
    public async Task A_disk_that_fills_is_told_and_what_was_acknowledged_stays()
    {
        Skip.If(OperatingSystem.IsWindows(), "needs a shell with ulimit");
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true };
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"trap '' XFSZ; ulimit -f 1000; exec dotnet exec '{Writer}' '{folder.Path}' w 1000000 7");
        using var child = Process.Start(start)!;
        var lines = (await child.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await child.WaitForExitAsync();
        Assert.Equal(1, child.ExitCode);
        Assert.StartsWith(ErrorIds.LedgerUnavailable, lines[^1], StringComparison.Ordinal);
        await using var ledger = await folder.OpenAsync();
        var result = await ledger.VerifyAsync(default);
        Assert.True(result.Ok);
        Assert.Equal(int.Parse(lines[^2], CultureInfo.InvariantCulture), result.Events);
    }

    [Fact]
    public async Task Ten_thousand_operations_are_appended_at_the_speed_of_the_disk()
    {
        var body = RawJson.FromText('"' + new string('x', 1500) + '"');
        var events = Enumerable.Range(1, 10_000).Select(number => new LedgerEvent
        {
            Kind = LedgerEventKinds.PlanOperation,
            PlanId = "plan-1",
            Subject = $"{number}",
            Data = RawJson.FromText($$"""{"number":{{number}},"type":"resolve_conflict","subject":"s","risk":"low","needs_review":false}"""),
            Sensitive = body,
        }).ToArray();
        await folder.FillAsync(1);
        await using var ledger = await folder.OpenAsync();
        var clock = Stopwatch.StartNew();
        await ledger.AppendAsync(events, default);
        output.WriteLine($"10,000 events: {clock.ElapsedMilliseconds} ms");
        clock.Restart();
        Assert.True((await ledger.VerifyAsync(default)).Ok);
        output.WriteLine($"verify: {clock.ElapsedMilliseconds} ms");
        await ledger.AppendAsync([LedgerFolder.Event(2)], default);
        Assert.True(new FileInfo(folder.Path + "-wal").Length < 4 << 20);
    }

    private static string Writer => Path.Combine(AppContext.BaseDirectory, "LedgerWriter.dll");

    private static Process Start(string path, string name, int batches, int size)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[] { "exec", Writer, path, name, $"{batches}", $"{size}" })
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
