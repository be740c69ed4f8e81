using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.Repair;

public class PlanFileTests
{
    [Fact]
    public async Task An_exported_plan_comes_back_as_it_was_whatever_its_formatting()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        await PlanFile.ExportAsync(plan, place.PathOf("plan.json"), overwrite: false, default);
        var node = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(place.PathOf("plan.json")))!;
        await File.WriteAllTextAsync(place.PathOf("plan.json"), node.ToJsonString());
        var read = await place.Engine.ImportPlanAsync(place.PathOf("plan.json"), acceptChanges: false, record: true, default);
        Assert.Equal(plan.Id, read.Id);
        Assert.Equal(plan.Digest, PlanDigest.Of(read));
    }

    [Fact]
    public async Task A_plan_changed_by_hand_is_refused_by_name_and_accepted_under_a_new_id()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        var path = place.PathOf("plan.json");
        await PlanFile.ExportAsync(plan, path, overwrite: false, default);
        var changed = plan.Operations[1];
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace(changed.Reason, "because I say so", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.ImportPlanAsync(path, acceptChanges: false, record: true, default));
        Assert.Equal(ErrorIds.PlanChanged, refused.ErrorId);
        Assert.Contains("was changed", refused.Message, StringComparison.Ordinal);

        var accepted = await place.Engine.ImportPlanAsync(path, acceptChanges: true, record: true, default);
        Assert.NotEqual(plan.Id, accepted.Id);
        Assert.Equal(plan.Id, accepted.DerivedFrom);
        var ledger = await place.Engine.GetLedgerAsync(default);
        var recorded = await ledger.ReadEventsAsync(new global::IntegrityTools.Ledger.LedgerQuery { PlanId = accepted.Id, Kind = global::IntegrityTools.Ledger.LedgerEventKinds.PlanChangeAccepted }, default).ToListAsync();
        Assert.Contains(recorded, entry => entry.Event.Subject!.StartsWith("operation ", StringComparison.Ordinal));
        Assert.NotEmpty(await place.RunAsync(accepted, place.PathOf("out.jsonl")));
    }

    [Fact]
    public async Task A_plan_object_changed_in_memory_is_refused()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        var refused = await Assert.ThrowsAsync<IntegrityException>(
            () => place.RunAsync(plan with { Operations = [.. plan.Operations.Skip(1)] }, place.PathOf("out.jsonl")).AsTask());
        Assert.Equal(ErrorIds.PlanChanged, refused.ErrorId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plan_object_that_was_changed_and_sealed_anew_was_run_and_another_one_resumed_and_undone(bool dryRun)
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        var other = PlanDigest.Seal(plan with { Operations = [.. plan.Operations.Skip(1)] });
        var options = new RepairOptions { DryRun = dryRun, Destination = place.PathOf("out.jsonl") };

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.RepairAsync(other, options, default).ToListAsync().AsTask());

        Assert.Equal((ErrorIds.PlanChanged, plan.Id), (refused.ErrorId, refused.Target));
    }

    [Fact]
    public async Task A_plan_object_of_another_ledger_was_run_and_could_not_be_undone()
    {
        await using var made = new Workplace();
        await using var place = new Workplace();

        await place.RunAsync(await MakeAsync(made), place.PathOf("out.jsonl"));

        Assert.NotEmpty((await place.PlanUndoAsync()).Operations);
    }

    [Fact]
    public async Task What_is_no_plan_is_told_as_such()
    {
        await using var place = new Workplace();
        foreach (var text in new[] { "", "{}", "[1]", "<html>", "{\"id\":1}" })
        {
            await File.WriteAllTextAsync(place.PathOf("plan.json"), text);
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.ImportPlanAsync(place.PathOf("plan.json"), false, true, default));
            Assert.Equal(ErrorIds.DamagedFile, refused.ErrorId);
        }
    }

    [Theory]
    [InlineData("operations", null, "Operations")]
    [InlineData("subject", null, "Subject")]
    [InlineData("number", 2, "the number 2")]
    [InlineData("operation", null, "is null")]
    public async Task A_plan_without_what_it_needs_ended_in_a_stack_trace_when_it_was_imported_or_undone(string what, int? value, string told)
    {
        await using var place = new Workplace();
        await PlanFile.ExportAsync(await MakeAsync(place), place.PathOf("plan.json"), overwrite: false, default);
        var plan = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(place.PathOf("plan.json")))!;
        _ = what switch
        {
            "operations" => plan[what] = null,
            "operation" => plan["operations"]![0] = null,
            _ => plan["operations"]![0]![what] = value,
        };
        await File.WriteAllTextAsync(place.PathOf("plan.json"), plan.ToJsonString());

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.ImportPlanAsync(place.PathOf("plan.json"), acceptChanges: true, record: true, default));

        Assert.Equal(ErrorIds.DamagedFile, refused.ErrorId);
        Assert.Contains(told, refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_plan_that_was_changed_and_sealed_anew_passed_for_the_one_in_the_ledger()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        await PlanFile.ExportAsync(PlanDigest.Seal(plan with { Operations = [.. plan.Operations.Skip(1)] }), place.PathOf("plan.json"), overwrite: false, default);

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.ImportPlanAsync(place.PathOf("plan.json"), acceptChanges: false, record: true, default));
        var accepted = await place.Engine.ImportPlanAsync(place.PathOf("plan.json"), acceptChanges: true, record: true, default);

        Assert.Equal(ErrorIds.PlanChanged, refused.ErrorId);
        Assert.Contains("was removed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(plan.Id, accepted.DerivedFrom);
    }

    [Fact]
    public async Task A_plan_that_keeps_what_is_no_leaf_ended_in_a_stack_trace()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        var chosen = plan.Operations.First(operation => operation.Action is ResolveConflictAction);
        var odd = chosen with { Action = ((ResolveConflictAction)chosen.Action!) with { KeepRevision = "9-none" } };

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.RunAsync(PlanDigest.Seal(plan with { Id = "plan-odd", Operations = [odd] }), place.PathOf("out.jsonl")).AsTask());

        Assert.Equal((ErrorIds.InvalidArgument, chosen.Subject), (refused.ErrorId, refused.Target));
    }

    [Fact]
    public async Task An_export_that_is_called_off_leaves_no_file_and_the_next_removes_what_a_killed_one_left()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PlanFile.ExportAsync(plan, place.PathOf("plan.json"), overwrite: false, cancelled.Token));
        Assert.Empty(Directory.GetFiles(place.Folder, "plan.json*"));

        var dead = TemporaryFiles.NameFor(place.PathOf("plan.json")).Replace($"-{ProcessIdentity.Current.Id}-", "-4194304-", StringComparison.Ordinal);
        await File.WriteAllTextAsync(dead, "half of a plan");
        await File.WriteAllTextAsync(dead + "-journal", "what SQLite puts beside a database");
        await PlanFile.ExportAsync(plan, place.PathOf("plan.json"), overwrite: false, default);
        Assert.Equal([place.PathOf("plan.json")], Directory.GetFiles(place.Folder, "plan.json*"));
    }

    [SkippableFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_plan_holds_what_documents_hold_so_its_file_is_its_owners_alone()
    {
        Skip.If(OperatingSystem.IsWindows(), "modes of files: Windows has none.");
        await using var place = new Workplace();
        await PlanFile.ExportAsync(await MakeAsync(place), place.PathOf("plan.json"), overwrite: false, default);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place.PathOf("plan.json")));
    }

    [Fact]
    public async Task A_plan_is_written_over_a_file_only_when_that_is_asked_for()
    {
        await using var place = new Workplace();
        var plan = await MakeAsync(place);
        await File.WriteAllTextAsync(place.PathOf("plan.json"), "precious");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => PlanFile.ExportAsync(plan, place.PathOf("plan.json"), overwrite: false, default));

        Assert.Equal(ErrorIds.InvalidArgument, refused.ErrorId);
        Assert.Equal("precious", await File.ReadAllTextAsync(place.PathOf("plan.json")));
        await PlanFile.ExportAsync(plan, place.PathOf("plan.json"), overwrite: true, default);
        Assert.Equal(plan.Id, (await PlanFile.ReadAsync(place.PathOf("plan.json"), default)).Plan.Id);
        Assert.Equal(place.PathOf(plan.Id + ".json"), await PlanFile.ExportAsync(plan, place.Folder, overwrite: false, default));
    }

    private static async Task<RepairPlan> MakeAsync(Workplace place)
    {
        var (dump, _) = await DumpRepairTests.WriteDumpAsync(place, 31, 60, compressed: false);
        return await place.PlanAsync(await place.ScanAsync("couchdump:" + dump));
    }
}
