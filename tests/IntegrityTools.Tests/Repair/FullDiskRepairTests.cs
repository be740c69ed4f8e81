using System.Diagnostics;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Repair;

public class FullDiskRepairTests
{
    [SkippableFact]
    public async Task A_disk_that_fills_while_the_backup_is_written_leaves_the_server_untouched_and_the_execution_resumable()
    {
        var server = await CouchDbServer.RequireAsync();
        await using var place = await Workplace.ForServerAsync(server);
        var database = await server.CreateDatabaseAsync();
        var ids = new List<string>();
        foreach (var (id, revisions) in new RandomTrees(16).Documents(200))
        {
            await server.InsertAsync(database, [.. revisions]);
            ids.Add(id);
        }

        var store = $"couchdb://{server.Address.Authority}/{database}";
        var plan = await place.PlanAsync(await place.ScanAsync(store));
        await using var source = new ServerSource(new CouchClient(server.Address, database, server.Credential));
        var before = await StoreState.ReadAsync(source, ids);
        var backups = Directory.CreateDirectory(place.PathOf("backups")).FullName;
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", backups), "needs the right to mount a tmpfs");
        try
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(plan).AsTask());
            Assert.Equal(ErrorIds.BackupFailed, refused.ErrorId);
            Assert.Equal(before, await StoreState.ReadAsync(source, ids));
            Assert.Equal(ExecutionStatus.Stopped, place.Execution!.Status);
        }
        finally
        {
            Run("umount", backups);
        }

        var resumed = await place.ResumeAsync(place.Execution.Id);
        Assert.DoesNotContain(resumed, result => result.Outcome == OperationOutcome.Failed);
        Assert.Equal(plan.NeedsReview, (await place.ScanAsync(store)).Count);
    }

    [SkippableFact]
    public async Task A_disk_that_fills_while_a_dump_is_repaired_keeps_no_half_of_a_file()
    {
        await using var place = new Workplace();
        var (dump, _) = await DumpRepairTests.WriteDumpAsync(place, 17, 200, compressed: false);
        var plan = await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));
        var folder = Directory.CreateDirectory(place.PathOf("small")).FullName;
        var size = (new FileInfo(dump).Length / 1024) + 12;
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={size}k", "tmpfs", folder), "needs the right to mount a tmpfs");
        try
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(plan, Path.Combine(folder, "new.jsonl")).AsTask());
            Assert.True(refused.ErrorId is ErrorIds.OperationFailed or ErrorIds.BackupFailed, refused.ErrorId);
            Assert.NotNull(refused.NextStep);
            Assert.Empty(Directory.GetFiles(folder));
        }
        finally
        {
            Run("umount", folder);
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
