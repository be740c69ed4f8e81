using IntegrityTools.Ledger;
using IntegrityTools.Model;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Ledger;

public sealed class ChainTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    private readonly LedgerFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("UPDATE event SET actor = 'nobody' WHERE number = 4", 4, "changed")]
    [InlineData("UPDATE event SET data = '{}' WHERE number = 1", 1, "changed")]
    [InlineData("UPDATE event SET sensitive = x'00' WHERE number = 9", 9, "changed")]
    [InlineData("DELETE FROM event WHERE number = 5", 5, "removed")]
    [InlineData("DELETE FROM event WHERE number = 1", 1, "removed")]
    [InlineData("DELETE FROM event WHERE number = 9", 9, "removed")]
    [InlineData("DELETE FROM event WHERE number = 5; UPDATE event SET number = number - 1 WHERE number > 5; UPDATE head SET number = 8", 5, "removed")]
    [InlineData("DELETE FROM event WHERE number > 8; UPDATE head SET number = 8, hash = (SELECT hash FROM event WHERE number = 8)", 8, "changed")]
    [InlineData("INSERT INTO event SELECT 10, at, actor, kind, store, scan_id, plan_id, execution_id, subject, hash, hash, key_id, data, sensitive FROM event WHERE number = 9", 10, "inserted")]
    [InlineData("UPDATE event SET number = number + 100 WHERE number > 5; UPDATE event SET number = number - 99 WHERE number > 100; INSERT INTO event SELECT 6, at, actor, kind, store, scan_id, plan_id, execution_id, subject, previous, hash, key_id, data, sensitive FROM event WHERE number = 5; UPDATE head SET number = 10", 6, "inserted")]
    public async Task What_somebody_did_to_the_file_is_named_by_number(string sql, long number, string kind)
    {
        foreach (var key in new[] { null, Key })
        {
            using var own = new LedgerFolder();
            await own.FillAsync(9, key);
            own.Tamper(sql);
            await using var ledger = await own.OpenAsync(key);
            var result = await ledger.VerifyAsync(default);
            Assert.False(result.Ok);
            Assert.Contains(result.Faults, fault => fault.Number == number && fault.Kind == kind);
            Assert.All(result.Faults.Where(fault => fault.Number < 10), fault => Assert.InRange(fault.Number, number - 1, number + 4));
        }
    }

    [Fact]
    public async Task Two_events_that_changed_places_are_both_named()
    {
        await folder.FillAsync(9);
        folder.Tamper("UPDATE event SET number = 99 WHERE number = 4; UPDATE event SET number = 4 WHERE number = 5; UPDATE event SET number = 5 WHERE number = 99");
        await using var ledger = await folder.OpenAsync();
        var result = await ledger.VerifyAsync(default);
        Assert.Equal([4, 5], result.Faults.Select(fault => fault.Number));
    }

    [Fact]
    public async Task An_untouched_chain_verifies_and_tells_its_last_hash()
    {
        await folder.FillAsync(50, Key);
        await using var ledger = await folder.OpenAsync(Key);
        var result = await ledger.VerifyAsync(default);
        Assert.True(result.Ok);
        Assert.True(result.Keyed);
        Assert.Equal(50, result.Events);
        var entries = await ledger.ReadEventsAsync(new LedgerQuery { After = 49 }, default).ToArrayAsync();
        Assert.Equal(result.LastHash, Assert.Single(entries).Hash);
        Assert.Equal("\"secret50\"", entries[0].Event.Sensitive!.Value.ToString());
    }

    [Fact]
    public async Task Without_its_key_a_sealed_ledger_is_read_but_neither_decrypted_nor_vouched_for_nor_written()
    {
        await folder.FillAsync(3, Key);
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(folder.Path)), StringComparison.Ordinal);
        await using var ledger = await folder.OpenAsync();
        Assert.All(await ledger.ReadEventsAsync(new LedgerQuery(), default).ToArrayAsync(), entry => Assert.Null(entry.Event.Sensitive));
        var result = await ledger.VerifyAsync(default);
        Assert.False(result.Ok);
        Assert.Equal("unreadable", Assert.Single(result.Faults).Kind);
        var failure = await Assert.ThrowsAsync<IntegrityException>(() => ledger.AppendAsync([LedgerFolder.Event(4)], default));
        Assert.Equal(ErrorIds.LedgerUnavailable, failure.ErrorId);
    }

    [Fact]
    public async Task A_wrong_key_and_a_key_for_a_ledger_begun_without_are_refused()
    {
        await folder.FillAsync(1, Key);
        await Assert.ThrowsAsync<IntegrityException>(() => folder.OpenAsync(new byte[32]));
        using var plain = new LedgerFolder();
        await plain.FillAsync(1);
        await Assert.ThrowsAsync<IntegrityException>(() => plain.OpenAsync(Key));
    }

    [Fact]
    public async Task Events_can_be_neither_changed_nor_removed()
    {
        await folder.FillAsync(1);
        using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        connection.Open();
        foreach (var sql in new[] { "UPDATE event SET actor = 'x'", "DELETE FROM event" })
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            Assert.Contains("never", Assert.Throws<SqliteException>(() => { command.ExecuteNonQuery(); }).Message, StringComparison.Ordinal);
        }
    }
}
