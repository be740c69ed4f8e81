namespace IntegrityTools.Sqlite.Schema;

/// <summary>
/// Finds the CHECK expressions in a CREATE TABLE. SQLite does not even parse them for a database that is opened to be read, so that its
/// own check says nothing of them there.
/// </summary>
internal static class CheckExpressions
{
    /// <summary>Each expression with its parentheses.</summary>
    public static IEnumerable<string> Of(string sql)
    {
        for (var at = 0; at < sql.Length;)
        {
            var end = EndOfToken(sql, at);
            var isCheck = sql.AsSpan(at, end - at).Equals("CHECK", StringComparison.OrdinalIgnoreCase);
            at = end;
            if (!isCheck)
            {
                continue;
            }

            for (var (open, depth) = (-1, 0); at < sql.Length; at = end)
            {
                end = EndOfToken(sql, at);
                if (sql[at] == '(')
                {
                    open = depth++ == 0 ? at : open;
                }
                else if (sql[at] == ')' && --depth <= 0)
                {
                    at = end;
                    if (open >= 0)
                    {
                        yield return sql[open..end];
                    }

                    break;
                }
            }
        }
    }

    private static int EndOfToken(string sql, int at)
    {
        var end = sql[at] switch
        {
            '\'' or '"' or '`' => EndOfQuoted(sql, at, sql[at]),
            '[' => sql.IndexOf(']', at) + 1,
            '-' when at + 1 < sql.Length && sql[at + 1] == '-' => sql.IndexOf('\n', at) + 1,
            '/' when at + 1 < sql.Length && sql[at + 1] == '*' => sql.IndexOf("*/", at + 2, StringComparison.Ordinal) is >= 0 and var close ? close + 2 : 0,
            var letter when char.IsLetterOrDigit(letter) || letter == '_' => EndOfWord(sql, at),
            _ => at + 1,
        };
        return end > at ? end : sql.Length;
    }

    private static int EndOfWord(string sql, int at)
    {
        while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] is '_' or '$'))
        {
            at++;
        }

        return at;
    }

    private static int EndOfQuoted(string sql, int at, char quote)
    {
        // A doubled quote ends one text and begins another right behind it, which comes to the same.
        return sql.IndexOf(quote, at + 1) + 1;
    }
}
