using IntegrityTools.Model;
using IntegrityTools.Tests.Sqlite.Salvage;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Texts that are none in their encoding: what a program stored is what it finds again.</summary>
public class OddTextTests
{
    // Halves of surrogate pairs, one of them before a letter; characters that SQLite reads as none; a byte order mark; and a text that is sound.
    private const string LittleEndian = "00d84100 00dc 410000d8 feff4100 4100ffff fffe4100 4100e400";
    private const string BigEndian = "d8000041 dc00 0041d800 fffe0041 0041ffff feff0041 004100e4";
    private const string Utf8 = "ff41 fe41 41c3 eda080 efbfbe41 c080 efbbbf41 41c3a4";

    [Theory]
    [InlineData("UTF-16le", LittleEndian)]
    [InlineData("UTF-16be", BigEndian)]
    [InlineData("UTF-8", Utf8)]
    public async Task An_undo_gave_back_other_texts_than_the_repair_had_found(string encoding, string texts)
    {
        await using var place = new Place();
        Databases.Create(place.Database, [.. Tables(encoding, texts)]);
        var before = Rows(place.Database);
        var found = (await place.ScanAsync()).Where(issue => issue.Type == IssueTypes.ForeignKeyViolation).ToList();
        Assert.Equal(3 * texts.Split(' ').Length, found.DistinctBy(issue => issue.Id).Count());

        Assert.All(await place.Work.RunAsync(await place.Work.PlanAsync(found)), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));
        Assert.NotEqual(before, Rows(place.Database));
        Assert.All(await place.Work.RunAsync(await place.Work.PlanUndoAsync()), result => Assert.True(result.Outcome == OperationOutcome.Applied, result.Message));

        Assert.Equal(before, Rows(place.Database));
    }

    [Theory]
    [InlineData("UTF-16le", LittleEndian)]
    [InlineData("UTF-16be", BigEndian)]
    [InlineData("UTF-8", Utf8)]
    public void A_salvage_took_a_texts_byte_order_mark_away(string encoding, string texts)
    {
        using var folder = new SalvageFolder();
        Databases.Create(folder.Source, [.. Tables(encoding, texts)]);

        var report = folder.Salvage();

        Assert.Equal(0, report.DamagedRows + report.UncertainRows + report.UnplacedRows);
        Assert.Equal(Rows(folder.Source), Rows(folder.Destination));
    }

    private static IEnumerable<string> Tables(string encoding, string texts) =>
    [
        $"PRAGMA encoding = '{encoding}'",
        "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(id INTEGER PRIMARY KEY, p_id REFERENCES p, v TEXT)",
        "CREATE TABLE d(id INTEGER PRIMARY KEY, p_id NOT NULL REFERENCES p, v TEXT); CREATE TABLE w(v TEXT PRIMARY KEY, p_id NOT NULL REFERENCES p) WITHOUT ROWID",
        .. texts.Split(' ').Select(text =>
            $"INSERT INTO c(p_id, v) VALUES (99, CAST(x'{text}' AS TEXT)); INSERT INTO d(p_id, v) VALUES (99, CAST(x'{text}' AS TEXT)); INSERT INTO w VALUES (CAST(x'{text}' AS TEXT), 99)"),
    ];

    private static string Rows(string path) => string.Join('\n', new[] { "c", "d", "w" }.Select(table => Databases.Ask(
        path, $"SELECT '{table}: ' || ifnull(group_concat(v || ' ' || p, ', '), '') FROM (SELECT typeof(v) || hex(CAST(v AS BLOB)) AS v, ifnull(p_id, '') AS p FROM {table} ORDER BY 1)")));
}
