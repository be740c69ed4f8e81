namespace IntegrityTools.Sqlite.Schema;

/// <summary>Where the parts of a statement end: words, quoted names and texts, comments, signs.</summary>
internal static class SqlToken
{
    /// <summary>Where the part that begins at a place ends.</summary>
    public static int EndOf(string sql, int at)
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
