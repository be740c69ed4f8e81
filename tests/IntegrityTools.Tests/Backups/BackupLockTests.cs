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
}
