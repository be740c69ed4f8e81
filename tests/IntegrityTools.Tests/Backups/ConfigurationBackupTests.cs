using IntegrityTools.Backups;
using IntegrityTools.Configuration.Backups;
using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

public class ConfigurationBackupTests
{
    private const string Secret = "a-secret-of-sixteen-bytes-or-more";
    private static readonly string Files = "configuration_files: [ app, gone.ini ]\n";

    [Fact]
    public async Task Configured_files_come_back_byte_for_byte_what_differs_only_when_asked_for_and_undo_takes_it_back()
    {
        await using var place = new Workplace(Files);
        var (plain, inner) = await MakeAsync(place);
        var made = await BackUpAsync(place);
        Assert.Equal(3, made.Counts["files"]);
        Assert.NotNull(made.VerifiedAt);
        Assert.Contains(made.Remarks, remark => remark.Contains("gone.ini", StringComparison.Ordinal));
        Assert.True((await place.Engine.Backups.TestAsync(made.Path, null, null, default)).Ok);
        await File.WriteAllTextAsync(plain, "changed");
        File.Delete(inner);

        var careful = await RestoreAsync(place, made, overwrite: false);
        Assert.Equal((1L, 1L), (careful.Written, careful.Unchanged));
        Assert.Equal([plain], careful.Newer);
        Assert.Equal("changed", await File.ReadAllTextAsync(plain));
        Assert.Equal("depth: 2\n", await File.ReadAllTextAsync(inner));

        var report = await RestoreAsync(place, made, overwrite: true);
        Assert.Equal(1, report.Written);
        Assert.Equal("mode: fast\r\n", await File.ReadAllTextAsync(plain));

        foreach (var execution in new[] { report.ExecutionId!, careful.ExecutionId! })
        {
            var undo = await place.Engine.PlanUndoAsync(execution, null, record: true, default);
            Assert.Equal(OperationOutcome.Applied, Assert.Single(await place.RunAsync(undo)).Outcome);
        }

        Assert.Equal("changed", await File.ReadAllTextAsync(plain));
        Assert.False(File.Exists(inner));
        Assert.True((await place.VerifyAsync()).Ok);
    }

    /// <summary>As the ledger stands after a kill between the intent of a restore and its outcome, and as one has it whose file was saved by an editor before it was read back.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_somebody_saved_after_a_restore_without_a_whole_outcome_is_left_alone_and_told_by_the_undo(bool failed)
    {
        await using var place = new Workplace(Files);
        var (plain, inner) = await MakeAsync(place);
        var made = await BackUpAsync(place);
        await File.WriteAllTextAsync(plain, "changed");
        await File.WriteAllTextAsync(inner, "changed");
        var report = await RestoreAsync(place, made, overwrite: true);
        var whole = await place.Engine.GetExecutionAsync(report.ExecutionId!, default);
        var plan = await place.Engine.GetPlanAsync(whole.PlanId, default);
        await File.WriteAllTextAsync(plain, "a person's");
        var theirs = new FileSetPrecondition([ConfigurationBackupProvider.StateOf(plain)!]);

        var ledger = await place.Engine.GetLedgerAsync(default);
        var execution = whole with { Id = Identifiers.New("exec"), Status = ExecutionStatus.Running, EndedAt = null, Outcomes = new Dictionary<string, int>() };
        var record = new ExecutionRecord(ledger, execution, []);
        await record.StartedAsync(resuming: false, default);
        await record.SavedAsync((await ExecutionFiles.ReadAsync(ledger, whole.Id, default)).Backup!, default);
        await record.IntendedAsync(plan.Operations, default);
        if (failed)
        {
            await record.FinishedAsync([RepairResult.Of(execution.Id, plan.Operations.Single(operation => operation.Subject == plain), OperationOutcome.Failed, null, theirs)]);
        }

        var undone = await place.RunAsync(await place.PlanUndoAsync(execution.Id));

        Assert.Contains("is left alone", undone.Single(result => result.Subject == plain).Message, StringComparison.Ordinal);
        Assert.Equal(OperationOutcome.Applied, undone.Single(result => result.Subject == inner).Outcome);
        Assert.Equal(("a person's", "changed"), (await File.ReadAllTextAsync(plain), await File.ReadAllTextAsync(inner)));
    }

    [Theory]
    [InlineData("DB_PASSWORD=hunter2hunter2")]
    [InlineData("  \"apiKey\": \"abcdef\",")]
    [InlineData("url: postgres://ada:hunter2@db/app")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----")]
    [InlineData("export DB_PASSWORD=hunter2hunter2")]
    [InlineData("{\"db\":{\"user\":\"ada\",\"password\":\"hunter2\"}}")]
    [InlineData("dsn: 'Server=db;Database=app;Pwd=hunter2'")]
    [InlineData("<add key=\"SmtpPassword\" value=\"hunter2\" />")]
    [InlineData("<password>hunter2</password>")]
    [InlineData("{\"pass\": \"s3\"}")]
    [InlineData("SMTP_PASS=hunter2")]
    [InlineData("  dbPass: hunter2")]
    [InlineData("\"auth\": \"YWRhOmh1bnRlcjI=\"")]
    [InlineData("Authorization: Basic YWRhOmh1bnRlcjI=")]
    [InlineData("curl -H 'X-Key:  Bearer abcdef' http://localhost")]
    [InlineData("bearer=abcdef")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("aws_secret_access_key = wJalrXUtnFEMI")]
    [InlineData("key: ghp_abcdefghijklmnopqrstuvwxyz0123456789")]
    public async Task A_file_with_a_secret_is_left_out_by_name_without_a_key_and_encrypted_with_one(string line)
    {
        await using var place = new Workplace(Files);
        await MakeAsync(place);
        var path = place.PathOf("app/secret.env");
        await File.WriteAllTextAsync(path, "a=1\n" + line + "\n");

        var made = await BackUpAsync(place);
        Assert.Contains(made.Remarks, remark => remark.Contains(path, StringComparison.Ordinal) && remark.Contains("line 2", StringComparison.Ordinal));
        Assert.Equal(3, made.Counts["files"]);

        await File.WriteAllTextAsync(place.PathOf("key"), Secret);
        await using var keyed = new Workplace($"ledger: {{ key_file: '{place.PathOf("key")}' }}\nconfiguration_files: [ '{path}', '{place.PathOf("key")}' ]\n");
        var encrypted = await BackUpAsync(keyed);
        Assert.Equal((2L, 2L), (encrypted.Counts["encrypted"], encrypted.Counts["files"]));
        Assert.Contains(encrypted.Remarks, remark => remark.Contains(place.PathOf("key"), StringComparison.Ordinal));
        var saved = await File.ReadAllTextAsync(Path.Combine(keyed.PathOf("backups"), encrypted.Files[0].Name));
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(line))[..8], saved, StringComparison.Ordinal);
        File.Delete(path);

        await RestoreAsync(keyed, encrypted, overwrite: false);

        Assert.Equal("a=1\n" + line + "\n", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task With_a_key_every_file_is_encrypted_whatever_it_looks_like()
    {
        await using var place = new Workplace($"ledger: {{ key_environment: CONFIGURATION_BACKUP_KEY }}\n{Files}");
        Environment.SetEnvironmentVariable("CONFIGURATION_BACKUP_KEY", Secret);
        var (plain, _) = await MakeAsync(place);
        var made = await BackUpAsync(place);
        var saved = await File.ReadAllTextAsync(Path.Combine(place.PathOf("backups"), made.Files[0].Name));
        Assert.Equal((3L, 3L), (made.Counts["encrypted"], made.Counts["files"]));
        Assert.DoesNotContain(Convert.ToBase64String("mode: fast"u8)[..8], saved, StringComparison.Ordinal);
        File.Delete(plain);

        await RestoreAsync(place, made, overwrite: false);

        Assert.Equal("mode: fast\r\n", await File.ReadAllTextAsync(plain));
    }

    [Theory]
    [InlineData("bypass: yes")]
    [InlineData("author: ada")]
    [InlineData("proxy_pass http://app;")]
    [InlineData("# a bearer certificate is no secret")]
    [InlineData("password_file: /run/secret")]
    [InlineData("password_environment: DB_PASSWORD")]
    [InlineData("token:")]
    [InlineData("password: # none")]
    [InlineData("{\"password_file\":\"/run/secret\",\"token\":\"\"}")]
    [InlineData("<password></password>")]
    public async Task A_line_that_only_says_where_a_secret_is_is_none(string line)
    {
        await using var place = new Workplace(Files);
        await MakeAsync(place);
        await File.WriteAllTextAsync(place.PathOf("app/ok.yaml"), line + "\n");

        Assert.Equal(4, (await BackUpAsync(place)).Counts["files"]);
    }

    [SkippableFact]
    public async Task A_file_comes_back_with_its_rights_whatever_the_umask_and_through_the_link_that_leads_to_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "Needs Unix modes and links");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await using var place = new Workplace("configuration_files: [ shared.yaml, linked.yaml ]\n");
        var (shared, linked, target) = (place.PathOf("shared.yaml"), place.PathOf("linked.yaml"), place.PathOf("target.yaml"));
        await File.WriteAllTextAsync(shared, "a: 1\n");
        await File.WriteAllTextAsync(target, "b: 1\n");
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        File.SetUnixFileMode(shared, mode);
        File.CreateSymbolicLink(linked, target);
        var made = await BackUpAsync(place);
        File.Delete(shared);
        await File.WriteAllTextAsync(target, "b: 2\n");

        await RestoreAsync(place, made, overwrite: true);

        Assert.Equal(mode, File.GetUnixFileMode(shared));
        Assert.Equal(("b: 1\n", target), (await File.ReadAllTextAsync(target), new FileInfo(linked).LinkTarget));
    }

    [SkippableFact]
    public async Task A_file_that_root_gives_back_stays_its_applications()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root");
        await using var place = new Workplace(Files);
        var (plain, _) = await MakeAsync(place);
        var made = await BackUpAsync(place);
        await Command("chown", "4321:4322", plain);
        await File.WriteAllTextAsync(plain, "changed");

        await RestoreAsync(place, made, overwrite: true);

        Assert.Equal("4321:4322", await Command("stat", "-c", "%u:%g", plain));

        static async Task<string> Command(params string[] words)
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true })!;
            return (await process.StandardOutput.ReadToEndAsync()).Trim();
        }
    }

    [SkippableFact]
    public async Task A_password_file_is_left_out_by_whatever_path_it_is_reached()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs the numbers of files");
        await using var place = new Workplace("stores: { a: { address: 'couchdb://h/a', user: u, password_file: real/word } }\nconfiguration_files: [ app ]\n");
        Directory.CreateDirectory(place.PathOf("real"));
        await File.WriteAllTextAsync(place.PathOf("real/word"), "hunter2\n");
        Directory.CreateSymbolicLink(place.PathOf("app"), place.PathOf("real"));

        var made = await BackUpAsync(place);

        Assert.Equal(1, made.Counts["files"]);
        Assert.Contains(made.Remarks, remark => remark.Contains("is a secret itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_that_begins_with_a_byte_order_mark_is_backed_up()
    {
        await using var place = new Workplace("\uFEFFconfiguration_files: [ app ]\n");
        await MakeAsync(place);

        Assert.NotNull((await BackUpAsync(place)).VerifiedAt);
    }

    [Fact]
    public async Task A_restore_with_another_key_is_told_and_changes_nothing()
    {
        await using var place = new Workplace();
        await File.WriteAllTextAsync(place.PathOf("key"), Secret);
        await File.WriteAllTextAsync(place.PathOf("s.env"), "password=x\n");
        await using var keyed = new Workplace($"ledger: {{ key_file: '{place.PathOf("key")}' }}\nconfiguration_files: [ '{place.PathOf("s.env")}' ]\n");
        var made = await BackUpAsync(keyed);
        File.Delete(place.PathOf("s.env"));

        var report = await place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Subjects = [place.PathOf("s.env")] }, default);

        Assert.Contains("no key", Assert.Single(report.Failed), StringComparison.Ordinal);
        Assert.False(File.Exists(place.PathOf("s.env")));
    }

    private static async Task<(string Plain, string Inner)> MakeAsync(Workplace place)
    {
        Directory.CreateDirectory(place.PathOf("app/inner"));
        await File.WriteAllTextAsync(place.PathOf("app/plain.yaml"), "mode: fast\r\n");
        await File.WriteAllTextAsync(place.PathOf("app/inner/deep.yaml"), "depth: 2\n");
        return (place.PathOf("app/plain.yaml"), place.PathOf("app/inner/deep.yaml"));
    }

    private static Task<BackupManifest> BackUpAsync(Workplace place) =>
        place.Engine.Backups.CreateAsync(new BackupOptions { Type = BackupType.Configuration, Folder = place.PathOf("backups") }, default);

    private static Task<RestoreReport> RestoreAsync(Workplace place, BackupManifest made, bool overwrite) =>
        place.Engine.Backups.RestoreAsync(new RestoreOptions { Backup = made.Path, Overwrite = overwrite }, default);
}
