using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Scans of databases whose schema another process changes meanwhile.</summary>
public class ChangedSchemaTests
{
    private const string Filled = "CREATE TABLE a(id INTEGER PRIMARY KEY, v REFERENCES a); CREATE TABLE z(v);"
        + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO z SELECT hex(randomblob(200)) FROM n";

    [Theory]
    [InlineData("DELETE", "DROP TABLE z")]
    [InlineData("WAL", "DROP TABLE z")]
    [InlineData("WAL", "DELETE FROM z; VACUUM")]
    public async Task A_schema_that_was_changed_before_the_pages_were_gone_through_made_sound_pages_damaged_ones(string mode, string change)
    {
        await using var place = new Place();
        Databases.Create(place.Database, $"PRAGMA journal_mode = {mode}", Filled);
        using var application = new Session(place.Database);
        application.Run("UPDATE a SET v = NULL");
        var context = Context(place);
        using var reader = QuietReader.Open(context.Files, underLock: true, default);
        var (schema, version) = (DatabaseSchema.Read(reader.Connection), (uint)(long)Ask(reader.Connection, "PRAGMA schema_version"));

        application.Run(change);

        using var walk = new PageWalk(context, reader.Connection, reader.Data);
        Assert.Empty(walk.Run(schema, version));
    }

    [Fact]
    public async Task What_is_found_while_the_schema_changes_between_two_checks_counts_as_torn()
    {
        await using var place = new Place();
        Databases.Create(place.Database, Filled);
        using var application = new Session(place.Database);
        using var pass = new ScanPass(Context(place), underLock: true);
        foreach (var issue in pass.Run())
        {
            if (issue.Type == IssueTypes.MissingIndex)
            {
                Assert.False(pass.HasMoved);
                application.Run("DROP TABLE z");
            }
        }

        Assert.True(pass.HasMoved);
    }

    private static object Ask(SqliteConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar()!;
    }

    private static CheckContext Context(Place place)
    {
        var files = DatabaseFiles.Find(place.Database);
        return new CheckContext
        {
            Request = new ScanRequest { ScanId = "scan", Types = IssueTypes.OfSqlite, MinimumSeverity = Severity.Info },
            Store = "sqlite:app.db",
            Files = files,
            Header = files.RequireHeader(),
            Settings = new SqliteSettings(),
        };
    }
}
