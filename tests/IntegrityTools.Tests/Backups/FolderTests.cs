using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

/// <summary>Folders with backups in which not all is as it was, and file systems that cannot do all.</summary>
public class FolderTests
{
    [SkippableFact]
    public void A_file_system_that_flushes_no_folders_is_no_reason_to_refuse()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Needs Linux's /proc, which answers EINVAL as SMB shares do");
        FolderSync.Flush("/proc");
        Assert.Throws<IOException>(() => FolderSync.Flush("/proc/none"));
    }

    [SkippableFact]
    public async Task A_manifest_that_cannot_be_opened_keeps_nobody_from_the_other_backups()
    {
        Skip.If(OperatingSystem.IsWindows(), "Needs links");
        await using var place = new Workplace();
        var path = SqliteBackups.MakeFifty(place, "app.db");
        var made = await SqliteBackups.BackUpAsync(place, path);
        var odd = place.PathOf("backups/odd.manifest.json");
        File.CreateSymbolicLink(odd, odd);

        Assert.Equal([made.Id], (await place.Engine.Backups.ListAsync(place.PathOf("backups"), default)).Select(backup => backup.Id));
        Assert.Equal(ErrorIds.DamagedFile, (await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.FindAsync(odd, default))).ErrorId);
    }

    [Theory]
    [InlineData("files", "null")]
    [InlineData("files", "[null]")]
    [InlineData("files", "{}")]
    [InlineData("files", """[{"name":null,"role":"database","length":1,"sha256":"","block_size":1,"blocks":""}]""")]
    [InlineData("files", """[{"name":"../app.db","role":"database","length":1,"sha256":"","block_size":1,"blocks":""}]""")]
    [InlineData("files", """[{"name":"app.db","role":"database","length":9223372036854775807,"sha256":"","block_size":1,"blocks":""}]""")]
    [InlineData("files", """[{"name":"app.db","role":"database","length":1,"sha256":"","block_size":-1,"blocks":""}]""")]
    [InlineData("counts", "null")]
    [InlineData("counts", """{"documents":9223372036854775807}""")]
    [InlineData("number", "9223372036854775807")]
    [InlineData("remarks", "null")]
    [InlineData("settings", "null")]
    [InlineData("store", "null")]
    [InlineData("mode", "7")]
    public async Task A_manifest_with_something_odd_in_a_member_keeps_nobody_from_the_other_backups(string member, string value)
    {
        await using var place = new Workplace();
        var path = SqliteBackups.MakeFifty(place, "app.db");
        var odd = await SqliteBackups.BackUpAsync(place, path);
        var text = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(odd.Path))!;
        text[member] = System.Text.Json.Nodes.JsonNode.Parse(value);
        await File.WriteAllTextAsync(odd.Path, text.ToJsonString());
        var made = await SqliteBackups.BackUpAsync(place, path, retention: new BackupRetention { KeepFor = TimeSpan.Zero });

        var listed = Assert.Single(await place.Engine.Backups.ListAsync(place.PathOf("backups"), default));

        Assert.Equal((made.Id, made.Files[0].Length), (listed.Id, listed.Length));
        Assert.Equal(ErrorIds.DamagedFile, (await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.FindAsync(odd.Path, default))).ErrorId);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task A_file_whose_manifest_is_damaged_is_not_taken_for_another_programs_dump()
    {
        await using var place = new Workplace();
        var path = SqliteBackups.MakeFifty(place, "app.db");
        var made = await SqliteBackups.BackUpAsync(place, path);
        await File.WriteAllTextAsync(made.Path, "{");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.FindAsync(Path.Combine(place.PathOf("backups"), made.Files[0].Name), default));

        Assert.Equal((ErrorIds.DamagedFile, made.Path), (refused.ErrorId, refused.Target));
    }

    [Fact]
    public async Task An_expired_backup_that_cannot_be_removed_is_told_and_the_new_one_stands()
    {
        await using var place = new Workplace();
        var path = SqliteBackups.MakeFifty(place, "app.db");
        var old = await SqliteBackups.BackUpAsync(place, path);
        var file = Path.Combine(place.PathOf("backups"), old.Files[0].Name);
        File.Delete(file);
        Directory.CreateDirectory(Path.Combine(file, "in the way"));

        var told = await Assert.ThrowsAsync<IntegrityException>(() => SqliteBackups.BackUpAsync(place, path, retention: new BackupRetention { KeepFor = TimeSpan.Zero }));

        Assert.Contains($"{old.Id}, which has expired, could not be removed", told.Message, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(await place.Engine.Backups.ListAsync(place.PathOf("backups"), default)).VerifiedAt);
    }

    [Fact]
    public async Task A_path_at_which_nothing_is_does_not_stand_for_a_backup_in_another_folder()
    {
        await using var place = new Workplace();
        var path = SqliteBackups.MakeFifty(place, "app.db");
        var made = await SqliteBackups.BackUpAsync(place, path);

        Assert.Equal(made.Id, (await place.Engine.Backups.FindAsync(made.Id, default)).Id);
        var elsewhere = place.PathOf(Path.Combine("unplugged", made.Files[0].Name));
        Assert.Equal(ErrorIds.NotFound, (await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.FindAsync(elsewhere, default))).ErrorId);
    }
}
