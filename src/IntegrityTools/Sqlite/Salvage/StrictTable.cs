using System.Text;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Writes the definition of a STRICT table for a library that does not know the word.</summary>
internal static class StrictTable
{
    private static readonly string[] OfTable = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];

    /// <summary>
    /// The same table without STRICT; one that is not STRICT as it is. A column of ANY keeps what it is given there, and elsewhere the word makes numbers of texts: it becomes BLOB, which does not.
    /// </summary>
    public static string Loosen(string sql)
    {
        var result = new StringBuilder(sql.Length);
        var (depth, place, first, opened) = (0, 0, string.Empty, false);
        var options = new List<string>();
        for (var (at, end) = (0, 0); at < sql.Length; at = end)
        {
            end = SqlToken.EndOf(sql, at);
            var token = sql[at..end];
            if (string.IsNullOrWhiteSpace(token) || token.StartsWith("--", StringComparison.Ordinal) || token.StartsWith("/*", StringComparison.Ordinal))
            {
                result.Append(token);
                continue;
            }

            var closed = opened && depth == 0;
            opened |= token == "(";
            depth += token switch { "(" => 1, ")" => -1, _ => 0 };
            if (closed)
            {
                options.Add(token);
                continue;
            }

            // The place of a word in the definition of a column: its name is the first.
            place = depth == 1 && token is "(" or "," ? 1 : place + 1;
            first = place == 2 ? token : first;
            var isType = depth == 1 && place == 3 && !OfTable.Contains(first, StringComparer.OrdinalIgnoreCase) && token.Equals("ANY", StringComparison.OrdinalIgnoreCase);
            result.Append(isType ? "BLOB" : token);
        }

        var said = string.Join(' ', options).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var left = said.Where(option => !option.Equals("STRICT", StringComparison.OrdinalIgnoreCase)).ToList();
        return left.Count == said.Length ? sql : $"{result} {string.Join(", ", left)}".TrimEnd();
    }
}
