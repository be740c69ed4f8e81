using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>What SQLite's own check says of a database, and what it could not look at.</summary>
/// <param name="connection">The database.</param>
/// <param name="tables">Names its tables, where one check of all does not get through.</param>
/// <param name="check">How thoroughly it looks.</param>
/// <param name="most">So many lines are listed, at most; of rows that break one rule only the first.</param>
internal sealed class CheckAnswers(SqliteConnection connection, Func<IEnumerable<string>> tables, SqliteCheck check, int most)
{
    /// <summary>Stands for a table's name where no table explains why the check breaks off.</summary>
    public const string Whole = "database";

    /// <summary>So many lines SQLite tells of a table that it checks by itself; it cannot be asked for more.</summary>
    public const int MostOfTable = 100;

    private readonly List<CheckMessage> messages = [];
    private readonly List<(string Table, SqliteException Why)> uncheckedTables = [];
    private readonly List<(string Table, string Why)> unreadIndexes = [];
    private readonly List<string> cutTables = [];
    private readonly Dictionary<string, int> rules = [];

    /// <summary>How often each line about a rule was said, of which one is listed: every row that breaks it has the same.</summary>
    public IReadOnlyDictionary<string, int> Rules => rules;

    /// <summary>True when there were more lines than are listed.</summary>
    public bool HasMore { get; private set; }

    /// <summary>The tables that could not be checked here, and why: an expression of the schema fails, or only the application has what it needs.</summary>
    public IReadOnlyList<(string Table, SqliteException Why)> Unchecked => uncheckedTables;

    /// <summary>The sound tables of which an index is not, and why the check broke off there.</summary>
    public IReadOnlyList<(string Table, string Why)> Unread => unreadIndexes;

    /// <summary>The tables of which SQLite has told as many lines as it does of one: pages are looked at first, and what else is wrong with their rows and indexes is not known.</summary>
    public IReadOnlyList<string> Cut => cutTables;

    private int Lines => messages.Count + rules.Values.Sum() - rules.Count;

    /// <summary>
    /// Asks SQLite. Where a damaged page makes it break off, it is asked again table by table, so that the sound ones are known to be; and
    /// where it breaks off there, too, without comparing indexes: if that gets through, the table is sound and an index of it is not.
    /// </summary>
    public List<CheckMessage> Read()
    {
        var pragma = check == SqliteCheck.Quick ? "quick_check" : "integrity_check";
        var fault = Ask($"{pragma}({most})");
        if (fault is null && messages.Count < most && Lines >= most)
        {
            // SQLite holds what it finds of pages until all are looked at, so it is asked for few. It looks at them first: they are known here, and what it finds in rows
            // it tells one at a time.
            messages.Clear();
            rules.Clear();
            fault = Ask($"{pragma}({int.MaxValue})");
        }

        HasMore = messages.Count >= most;
        if (fault is null)
        {
            return messages;
        }

        var told = messages.Count;
        foreach (var name in SqliteRuntime.ChecksTables ? Tables() : [])
        {
            AskOf(name, pragma);
        }

        if (messages.Count == told && uncheckedTables.Count == 0 && unreadIndexes.Count == 0)
        {
            if (fault.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                uncheckedTables.Add((Whole, fault));
            }
            else
            {
                messages.Add(new CheckMessage(CheckSubject.Other, $"{pragma} broke off: {fault.Message.TrimEnd('.')}"));
            }
        }

        return [.. messages.DistinctBy(message => message.Text)];
    }

    private IReadOnlyList<string> Tables()
    {
        try
        {
            return [.. tables()];
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB)
        {
            return [];
        }
    }

    private void AskOf(string name, string pragma)
    {
        var table = SqlName.Quote(name);
        var (told, lines) = (messages.Count, Lines);
        if (Ask($"{pragma}({table})") is not { } first)
        {
            if (Lines - lines >= MostOfTable)
            {
                cutTables.Add(name);
            }

            return;
        }

        var broken = Ask($"quick_check({table})");
        if (broken is not null && !IsOfSchema(broken, name))
        {
            messages.Add(new CheckMessage(CheckSubject.Other, $"the check of table {name} broke off: {broken.Message.TrimEnd('.')}"));
        }
        else if (IsOfSchema(first, name))
        {
            uncheckedTables.Add((name, first));
        }
        else if (messages.Skip(told).All(message => message.IsOfRule))
        {
            unreadIndexes.Add((name, first.Message.TrimEnd('.')));
        }
    }

    /// <summary>True when an expression of the schema fails, or needs what only the application has: no page is damaged by that. Not of a table that SQLite does not find.</summary>
    private bool IsOfSchema(SqliteException exception, string table) =>
        exception.SqliteErrorCode == raw.SQLITE_ERROR && TableShape.Read(connection, table) is not null;

    /// <summary>Runs one check; returns why it broke off, or null.</summary>
    private SqliteException? Ask(string pragma)
    {
        var told = messages.Count;
        try
        {
            using var command = connection.Prepare("PRAGMA " + pragma);
            using var reader = command.ExecuteReader();
            while (messages.Count - told < most && reader.Read())
            {
                messages.AddRange(CheckMessage.ParseAll(reader.GetString(0)).Where(IsNews));
            }

            return null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_ERROR or raw.SQLITE_IOERR or raw.SQLITE_NOTADB)
        {
            return exception;
        }
    }

    private bool IsNews(CheckMessage message) => !message.IsOfRule || (rules[message.Text] = rules.GetValueOrDefault(message.Text) + 1) == 1;
}
