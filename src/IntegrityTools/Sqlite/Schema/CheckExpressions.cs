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
            var end = SqlToken.EndOf(sql, at);
            var isCheck = sql.AsSpan(at, end - at).Equals("CHECK", StringComparison.OrdinalIgnoreCase);
            at = end;
            if (!isCheck)
            {
                continue;
            }

            for (var (open, depth) = (-1, 0); at < sql.Length; at = end)
            {
                end = SqlToken.EndOf(sql, at);
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
}
