using IntegrityTools.Backups;
using IntegrityTools.Model;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Backups;

public class BackupLockTests
{
    [Fact]
    public async Task One_store_has_one_lock_under_all_its_names_and_one_name_has_one_for_all_its_stores()
    {
        await using var place = new Workplace();
        using (BackupLock.Take(place.Folder, "wards", "sqlite:/wards.db"))
        {
            var sameStore = Assert.Throws<IntegrityException>(() => BackupLock.Take(place.Folder, "app", "sqlite:/wards.db"));
            var sameName = Assert.Throws<IntegrityException>(() => BackupLock.Take(place.Folder, "wards", "sqlite:/app.db"));

            Assert.Equal((ErrorIds.LeaseHeld, ErrorIds.LeaseHeld), (sameStore.ErrorId, sameName.ErrorId));
            Assert.Contains("sqlite:/wards.db", sameStore.Message, StringComparison.Ordinal);
            Assert.Contains("'wards'", sameName.Message, StringComparison.Ordinal);
            Assert.Contains("a folder each", sameName.NextStep, StringComparison.Ordinal);

            // Who was refused holds nothing.
            BackupLock.Take(place.Folder, "app", "sqlite:/app.db").Dispose();
        }

        BackupLock.Take(place.Folder, "wards", "sqlite:/wards.db").Dispose();
    }

    [Fact]
    public async Task Two_runs_held_one_lock_when_its_file_was_removed_by_a_third_between_opening_and_locking_it()
    {
        await using var place = new Workplace();
        BackupLock.Take(place.Folder, "wards", "sqlite:/wards.db").Dispose();
        var files = Directory.GetFiles(place.Folder, "*.lock");
        foreach (var file in files)
        {
            await File.WriteAllTextAsync(file, "the same");
        }

        BackupLock.Take(place.Folder, "wards", "sqlite:/wards.db").Dispose();

        // No holder leaves a moment in which a file of that name is another one.
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Equal("the same", File.ReadAllText(file)));
    }

    [Fact]
    public async Task Locks_that_stay_in_a_folder_are_hidden_and_no_backups()
    {
        await using var place = new Workplace();
        BackupLock.Take(place.Folder, "wards", "sqlite:/wards.db").Dispose();

        var files = Directory.GetFiles(place.Folder, "*.lock").Select(Path.GetFileName).ToList();

        Assert.Equal(2, files.Count);
        Assert.All(files, file => Assert.StartsWith(".", file, StringComparison.Ordinal));
        Assert.Empty(await place.Engine.Backups.ListAsync(place.Folder, default));
        var none = await Assert.ThrowsAsync<IntegrityException>(() => place.Engine.Backups.FindAsync(place.Folder, default));
        Assert.Equal(ErrorIds.NotFound, none.ErrorId);
    }
}
