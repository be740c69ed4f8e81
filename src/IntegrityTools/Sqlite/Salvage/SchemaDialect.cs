using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>
/// Makes tables in a library that does not know all of what their definitions name: collations and functions that only the application has, and the word STRICT, which
/// is younger than some libraries. Their rows can be stored without any of it.
/// </summary>
internal sealed partial class SchemaDialect(SqliteConnection connection)
{
    private const int MostStrangers = 100;
    private const int Innocuous = 0x200000;

    /// <summary>Collations that stand for the application's, and compare by bytes.</summary>
    public SortedSet<string> Collations { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Functions that stand for the application's, and answer NULL.</summary>
    public SortedSet<string> Functions { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes a table.</summary>
    /// <returns>The definition that the library took, which is another than the table's own where it does not know a word of it.</returns>
    /// <exception cref="SqliteException">It cannot be made all the same.</exception>
    public string Create(string sql)
    {
        for (var (taken, left) = (sql, MostStrangers); ; left--)
        {
            try
            {
                using var command = connection.CreateCommand();
                command.CommandText = taken;
                command.ExecuteNonQuery();
                return taken;
            }
            catch (SqliteException failure) when (left > 0 && Learn(failure.Message, ref taken))
            {
                // Tried again with what it lacked.
            }
        }
    }

    /// <summary>Takes back what stands for the application's own: an index in an order that is not its own would be wrong.</summary>
    public void Forget()
    {
        foreach (var name in Collations)
        {
            connection.CreateCollation(name, null);
        }

        foreach (var name in Functions)
        {
            Define(name, null);
        }
    }

    // What answers NULL harms nobody: without that word no schema may call it.
    private void Define(string name, delegate_function_scalar? function) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_create_function(connection.Handle, name, -1, raw.SQLITE_DETERMINISTIC | Innocuous, null, function), connection.Handle);

    private bool Learn(string message, ref string sql)
    {
        if (Collation().Match(message) is { Success: true } collation && Collations.Add(collation.Groups["name"].Value))
        {
            connection.CreateCollation(collation.Groups["name"].Value, string.CompareOrdinal);
            return true;
        }

        if (Function().Match(message) is { Success: true } function && Functions.Add(function.Groups["name"].Value))
        {
            Define(function.Groups["name"].Value, static (context, _, _) => raw.sqlite3_result_null(context));
            return true;
        }

        var loose = message.Contains("syntax error", StringComparison.Ordinal) ? StrictTable.Loosen(sql) : sql;
        return loose != sql && (sql = loose) == loose;
    }

    [GeneratedRegex(@"no such collation sequence: (?<name>.+?)'?\.?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Collation();

    [GeneratedRegex(@"no such function: (?<name>.+?)'?\.?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Function();
}
