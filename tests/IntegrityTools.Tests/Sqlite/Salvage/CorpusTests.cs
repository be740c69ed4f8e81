using System.Security.Cryptography;

namespace IntegrityTools.Tests.Sqlite.Salvage;

public sealed class CorpusTests : IDisposable
{
    private readonly SalvageFolder folder = new();

    public static TheoryData<string> Names => [.. Corpus.Cases.Select(one => one.Damage)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_intact_row_is_found_and_none_is_invented(string name)
    {
        var damage = Corpus.Cases.Single(one => one.Damage == name);
        var sample = new Sample(folder, Corpus.Read(damage.Sound));
        Assert.Equal(damage.Rows, sample.Truth.ToDictionary(table => table.Key, table => table.Value.Count));
        var damaged = Corpus.Lay(damage, folder.Source);
        var hash = SHA256.HashData(damaged);

        var report = folder.Salvage(damage.GiveSchema ? WriteSchema() : null);

        Assert.Equal(hash, SHA256.HashData(File.ReadAllBytes(folder.Source)));
        var wrong = new List<string>();
        var lost = new List<string>();
        foreach (var table in Sample.TableNames)
        {
            var truth = sample.Truth[table];
            var found = SalvageFolder.HasTable(folder.Destination, table)
                ? SalvageFolder.Rows(folder.Destination, table, Sample.KeyOf(table))
                : [];
            var changed = sample.Places.Where(place => damage.Silent && place.Table == table && !IsIntact(damage, sample, damaged, place.Parts)).Select(place => place.Key).ToHashSet();
            wrong.AddRange(found.Where(row => (!truth.TryGetValue(row.Key, out var right) || right != row.Value) && !changed.Contains(row.Key)).Select(row => $"{table} {row.Key}: {row.Value}"));
            var apart = Apart(damage, table);
            lost.AddRange(sample.Places
                .Where(place => place.Table == table && IsIntact(damage, sample, damaged, place.Parts) && !found.ContainsKey(place.Key) && !apart.Contains(place.Key))
                .Select(place => $"{table} {place.Key}"));
        }

        var told = string.Join('\n', report.Notes);
        Assert.True(wrong.Count == 0, $"{wrong.Count} rows are not as they were: {string.Join(", ", wrong.Take(5))}\n{told}");
        Assert.True(lost.Count == 0, $"{lost.Count} intact rows are not there: {string.Join(", ", lost.Take(5))}\n{told}");
        if (sample.FullText > 0)
        {
            Assert.Equal(SalvageFolder.Rows(folder.At("sound.db"), "words", "rowid"), SalvageFolder.Rows(folder.Destination, "words", "rowid"));
            Assert.Equal(321, SalvageFolder.Count(folder.Destination, "SELECT rowid FROM words WHERE words MATCH 'word321'"));
            SalvageFolder.Execute(folder.Destination, "INSERT INTO words(words) VALUES('integrity-check')");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void At_least_as_many_true_rows_are_found_as_by_the_shells_recover(string name)
    {
        Skip.If(RecoverPeer.Shell is null, "needs a sqlite3 shell built with dbpage, named by SQLITE3_DBPAGE");
        var damage = Corpus.Cases.Single(one => one.Damage == name);
        var sample = new Sample(folder, Corpus.Read(damage.Sound));
        Corpus.Lay(damage, folder.Source);
        folder.Salvage(damage.GiveSchema ? WriteSchema() : null);
        RecoverPeer.Recover(folder.Source, folder.At("recovered.db"));

        var (ours, theirs) = (0, 0);
        foreach (var table in Sample.TableNames)
        {
            ours += TrueRows(folder.Destination, table, sample) + Apart(damage, table).Count(sample.Truth[table].ContainsKey);
            theirs += TrueRows(folder.At("recovered.db"), table, sample);
        }

        Assert.True(ours >= theirs, $"{ours} rows against {theirs}");
    }

    private static int TrueRows(string path, string table, Sample sample) => !File.Exists(path) || !SalvageFolder.HasTable(path, table) ? 0
        : SalvageFolder.Rows(path, table, Sample.KeyOf(table)).Count(row => sample.Truth[table].TryGetValue(row.Key, out var right) && right == row.Value);

    private HashSet<string> Apart(CorpusCase damage, string table)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (side, used) in new[] { ("uncertain_rows", damage.Undecidable), ("damaged_rows", damage is { Undecidable: true, Moves: not null }), ("lost_and_found", damage.Unplaceable) })
        {
            if (used && SalvageFolder.HasTable(folder.Destination, side))
            {
                var key = table == "settings" ? "c0" : "row_id";
                using var connection = SalvageFolder.Open(folder.Destination);
                using var command = connection.CreateCommand();
                command.CommandText = $"SELECT {key} FROM {side} WHERE {key} IS NOT NULL AND (table_name IS NULL OR table_name = '{table}')";
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    keys.Add($"{reader.GetValue(0)}");
                }
            }
        }

        return keys;
    }

    private static bool IsIntact(CorpusCase damage, Sample sample, byte[] damaged, List<(int Offset, int Length)> parts) => parts.TrueForAll(part =>
        damage.Place(part.Offset, part.Length) is { } offset
        && offset + part.Length <= damaged.Length
        && damaged.AsSpan(offset, part.Length).SequenceEqual(sample.Bytes.AsSpan(part.Offset, part.Length)));

    private string WriteSchema()
    {
        var path = folder.At("schema.sql");
        File.WriteAllText(path, Sample.Schema);
        return path;
    }
}
