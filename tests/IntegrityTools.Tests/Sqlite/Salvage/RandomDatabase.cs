using System.Globalization;
using System.Text;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>A database with tables, values and settings of all kinds, the same for the same seed.</summary>
internal static class RandomDatabase
{
    private static readonly int[] PageSizes = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];
    private static readonly string[] Types = ["TEXT", "INTEGER", "REAL", "BLOB", "NUMERIC", "", "VARCHAR(20)", "DATETIME"];

    /// <summary>Makes it, and returns its tables with the column that tells rows apart.</summary>
    public static IReadOnlyList<(string Table, string Key)> Make(string path, int seed)
    {
        var random = new Random(seed);
        using var connection = SalvageFolder.Open(path);
        void Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        var encoding = (seed % 3) switch { 0 => "UTF-8", 1 => "UTF-16le", _ => "UTF-16be" };
        Run($"PRAGMA page_size={PageSizes[seed % PageSizes.Length]}; PRAGMA encoding='{encoding}'; PRAGMA auto_vacuum={random.Next(3)}");
        var tables = new List<(string, string)>();
        for (var number = 0; number < 4; number++)
        {
            var name = $"table {number}";
            var columns = new List<string> { ((number + seed) % 4) switch { 0 => "id INTEGER PRIMARY KEY", 1 => "id INTEGER PRIMARY KEY DESC", 2 => "id INT", _ => "id TEXT PRIMARY KEY" } };
            var withoutRowId = (number + seed) % 4 == 3;
            var plain = Enumerable.Range(0, random.Next(1, 12)).Select(column => $"c{column}").ToList();
            foreach (var column in plain)
            {
                if (random.Next(6) == 0)
                {
                    columns.Add($"v{column} AS (id) VIRTUAL");
                }

                columns.Add($"{column} {Types[random.Next(Types.Length)]}");
                if (random.Next(6) == 0)
                {
                    columns.Add($"s{column} AS (length({column})) STORED");
                }
            }

            Run($"CREATE TABLE \"{name}\"({string.Join(", ", columns)}){(withoutRowId ? " WITHOUT ROWID" : string.Empty)}");
            Run("BEGIN");
            foreach (var id in Enumerable.Range(1, random.Next(1, 400)).Select(id => ((long)id * 7) - (id % 5 == 0 ? 5_000_000_000 : 0)))
            {
                Run($"INSERT INTO \"{name}\"(id, {string.Join(',', plain)}) VALUES({id}, {string.Join(',', plain.Select(_ => Value(random)))})");
            }

            Run("COMMIT");
            Run($"CREATE INDEX \"i{number}\" ON \"{name}\"(c0)");
            Run($"DELETE FROM \"{name}\" WHERE id % 11 = 0");
            if (random.Next(2) == 0)
            {
                Run($"ALTER TABLE \"{name}\" ADD COLUMN late TEXT DEFAULT 'späte'");
            }

            tables.Add((name, withoutRowId || (number + seed) % 4 == 0 ? "id" : "rowid"));
        }

        return tables;
    }

    private static string Value(Random random) => random.Next(9) switch
    {
        0 => "NULL",
        1 => random.Next(-3, 4).ToString(CultureInfo.InvariantCulture),
        2 => random.NextInt64(long.MinValue, long.MaxValue).ToString(CultureInfo.InvariantCulture),
        3 => (random.NextDouble() * Math.Pow(10, random.Next(-300, 300))).ToString("R", CultureInfo.InvariantCulture) + "e0"[..0],
        4 => $"x'{Convert.ToHexString(Bytes(random, random.Next(60) == 0 ? 90_000 : random.Next(40)))}'",
        5 => "'ab' || char(0) || 'cd'",
        6 => $"'{new string('x', random.Next(40) == 0 ? 20_000 : random.Next(700))}'",
        7 => "''",
        _ => $"'{Text(random)}'",
    };

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Text(Random random)
    {
        var text = new StringBuilder();
        for (var length = random.Next(30); length > 0; length--)
        {
            text.Append("abc äöü 漢字 🐘".EnumerateRunes().ElementAt(random.Next(12)));
        }

        return text.ToString();
    }
}
