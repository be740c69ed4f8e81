using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Repair;

namespace IntegrityTools.Tests.Sqlite;

public class SavedRowsTests
{
    [Fact]
    public void Rows_that_were_saved_are_found_by_key_and_hash_in_memory_that_does_not_grow_with_them()
    {
        const int Rows = 200_000;
        var path = Path.Combine(Directory.CreateTempSubdirectory("saved-rows-").FullName, "rows.jsonl");
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, Rows).Select(Line));
            var before = GC.GetTotalMemory(forceFullCollection: true);
            using var saved = new SavedRows(path);
            var grown = GC.GetTotalMemory(forceFullCollection: true) - before;

            // Of each row some 200 bytes would stay otherwise.
            Assert.True(grown < 2_000_000, $"{grown:N0} bytes for {Rows:N0} rows");
            Assert.Equal("\"v777\"", saved.Find("t", RawJson.FromText("[777]"), Hash(777))!.Values[0].ToJson().Text);
            Assert.Null(saved.Find("t", RawJson.FromText("[777]"), Hash(778)));
            Assert.Equal(Enumerable.Range(0, 5).Select(number => $"[{number}]"), saved.All("T").Take(5).Select(row => row.Key.Text));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static string Hash(int number) => number.ToString("x64", CultureInfo.InvariantCulture);

    private static string Line(int number) => $$"""{"table":"t","key":[{{number}}],"sha256":"{{Hash(number)}}","columns":["x"],"values":["v{{number}}"]}""";
}
