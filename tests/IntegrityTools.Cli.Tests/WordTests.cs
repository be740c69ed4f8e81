using IntegrityTools.Model;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>Sentences that were no sentences.</summary>
public sealed class WordTests : IDisposable
{
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData(0, "0 branches")]
    [InlineData(1, "1 branch")]
    [InlineData(2000, "2,000 branches")]
    public void A_count_of_one_stood_with_a_plural(long count, string expected) => Assert.Equal(expected, Counted.Of(count, "branch", "branches"));

    [Fact]
    public async Task A_backup_of_evidence_was_told_with_an_empty_list_of_counts()
    {
        SqliteRuntime.Initialize();
        using (var connection = new SqliteConnection($"Data Source={cli.At("app.db")};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE t(id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO t SELECT i, hex(i) FROM n";
            command.ExecuteNonQuery();
        }

        var good = (await cli.RunAsync("backup", "app.db", "--to", "backups")).Expect(0);
        Assert.Contains(": 9,000 rows in 1 table; ", good.Error, StringComparison.Ordinal);
        using (var file = File.OpenWrite(cli.At("app.db")))
        {
            file.Position = 4096;
            file.Write(new byte[4096]);
        }

        var forced = (await cli.RunAsync("backup", "app.db", "--to", "backups", "--force")).Expect(0);
        Assert.Contains("forensic backup", forced.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(": ;", forced.Error, StringComparison.Ordinal);

        // What a list shows and a folder's name does not mean is told by both.
        Assert.Contains("only when it is named itself", (await cli.RunAsync("backup", "list", "backups")).Expect(0).Error, StringComparison.Ordinal);
        (await cli.RunAsync("backup", "app.db", "--to", "evidence", "--force")).Expect(0);
        var refused = await cli.RunAsync("backup", "test", "evidence");
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("copied as forensic evidence", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Name one by its manifest, such as ", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_without_a_revision_was_told_with_a_full_stop_before_a_semicolon()
    {
        await File.WriteAllTextAsync(cli.At("one.jsonl"), "[{\"_id\":\"a\",\"_rev\":\"1-a\"}]\n[{\"_id\":\"b\"}]\n");

        var issue = Assert.Single((await cli.RunAsync("scan", "couchdump:one.jsonl", "--output", "jsonl")).Expect(0).JsonLines);

        Assert.Equal("Line 2 cannot be read: A document has no usable _rev; what else there is was scanned.", issue.GetProperty("message").GetString());
    }
}
