using System.Text.RegularExpressions;
using IntegrityTools.Sqlite.Repair;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Schema;

/// <summary>
/// What a schema uses that only its application has: collations, functions, modules of virtual tables, tokenizers. SQLite then refuses what needs them,
/// and nothing is damaged. Nothing takes their place where rows are compared: what another order calls wrong may be right.
/// </summary>
internal static partial class ApplicationParts
{
    /// <summary>What is lacking here, in SQLite's words; null: something else is the matter.</summary>
    public static string? Lacking(SqliteException exception) =>
        exception.SqliteErrorCode == raw.SQLITE_ERROR && Words().Match(exception.Message) is { Success: true } found ? found.Value : null;

    /// <summary>Why SQLite cannot run a statement here, such as for what it lacks; null: it can.</summary>
    public static string? Refusal(SqliteConnection connection, string sql)
    {
        try
        {
            using var statement = new RawStatement(connection, sql, []);
            return null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            return Lacking(exception) ?? exception.Message.TrimEnd('.');
        }
    }

    /// <summary>The name of the collation that is lacking; null: it is no collation.</summary>
    public static string? Collation(SqliteException exception) => Lacking(exception) is { } lacking && Words().Match(lacking).Groups["collation"] is { Success: true } name ? name.Value : null;

    [GeneratedRegex("no such collation sequence: (?<collation>.+?)(?='?\\.?$)|((no such|unknown) (function|module|tokenizer)): .+?(?='?\\.?$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();
}
