using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Runs SQLite's own check and says of each line what it means: a table's page, an index, a row.</summary>
internal sealed class ContentChecks(CheckContext context, SqliteConnection connection, DatabaseSchema schema, WalFile? wal)
{
    private const int MostMessages = 2000;
    private const int MostRows = 1000;
    private const int RowsShown = 10;

    private static readonly Version FirstWithTables = new(3, 33, 0);

    private static readonly string[] Types =
        [IssueTypes.DamagedPage, IssueTypes.IndexMismatch, IssueTypes.ConstraintViolation];

    /// <summary>What the check finds.</summary>
    public IEnumerable<IntegrityIssue> Run()
    {
        if (!context.Wants(Types))
        {
            return [];
        }

        var messages = ReadMessages();
        var owners = Owners(messages);
        var damagedTables = messages
            .Where(message => message.Subject == CheckSubject.Page)
            .Select(message => OwnerOf(message, owners))
            .Where(owner => owner is not { Type: "index" })
            .Select(owner => owner?.Table)
            .ToHashSet();
        return Pages(messages, owners)
            .Concat(Indexes(messages, owners, damagedTables))
            .Concat(Constraints(messages))
            .Concat(Others(messages))
            .Where(issue => context.Wants(issue.Type));
    }

    /// <summary>
    /// Asks SQLite. Where a damaged page makes it break off, it is asked again table by table, so that the sound ones are known to be; and
    /// where it breaks off there, too, without comparing indexes: if that gets through, the table is sound and an index of it is not.
    /// </summary>
    private List<CheckMessage> ReadMessages()
    {
        var pragma = context.Settings.Check == SqliteCheck.Quick ? "quick_check" : "integrity_check";
        var messages = new List<CheckMessage>();
        if (Ask($"{pragma}({MostMessages})", messages) is not { } fault)
        {
            return messages;
        }

        if (Version.Parse(SqliteRuntime.Version) < FirstWithTables)
        {
            messages.Add(new CheckMessage(CheckSubject.Other, $"{pragma} broke off: {fault}"));
            return messages;
        }

        foreach (var name in schema.Tables.Select(table => table.Name))
        {
            var table = SqlName.Quote(name);
            if (Ask($"{pragma}({table})", messages) is not null && Ask($"quick_check({table})", messages) is { } broken)
            {
                messages.Add(new CheckMessage(CheckSubject.Other, $"the check of table {name} broke off: {broken}"));
            }
        }

        return [.. messages.DistinctBy(message => message.Text)];
    }

    /// <summary>Runs one check; returns why it broke off, or null.</summary>
    private string? Ask(string pragma, List<CheckMessage> messages)
    {
        try
        {
            using var command = connection.Prepare("PRAGMA " + pragma);
            command.CommandTimeout = 0;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                messages.AddRange(CheckMessage.ParseAll(reader.GetString(0)));
            }

            return null;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_ERROR or raw.SQLITE_IOERR or raw.SQLITE_NOTADB)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    private Dictionary<uint, uint> Owners(List<CheckMessage> messages)
    {
        var wanted = messages.Where(message => message is { Subject: CheckSubject.Page, Tree: null, Page: > 0 }).Select(message => (uint)message.Page!).ToHashSet();
        if (wanted.Count == 0 || context.Header.PageSize == 0)
        {
            return [];
        }

        using var pages = new PageSource(context.Files, context.Header, wal);
        var roots = schema.Objects.Where(item => item.RootPage > 1).Select(item => (uint)item.RootPage).Prepend(1u);
        return PageOwners.Find(pages, roots, wanted, context.Cancellation);
    }

    private SchemaObject? OwnerOf(CheckMessage message, Dictionary<uint, uint> owners) =>
        message.Tree is { } tree ? schema.At(tree)
        : message.Page is { } page && owners.TryGetValue((uint)page, out var root) ? schema.At(root)
        : null;

    private IEnumerable<IntegrityIssue> Pages(List<CheckMessage> messages, Dictionary<uint, uint> owners)
    {
        var damaged = messages.Where(message => message.Subject is CheckSubject.Page or CheckSubject.FreePages && OwnerOf(message, owners) is not { Type: "index" });
        foreach (var page in damaged.GroupBy(message => (message.Page, Owner: OwnerOf(message, owners))))
        {
            var first = page.First();
            var table = page.Key.Owner?.Name;
            var place = first.Page is { } number ? $"page:{number}" : first.Tree is { } tree ? $"page:{tree}" : "free_pages";
            var whose = first.Subject == CheckSubject.FreePages ? "the list of free pages" : table is null ? "no table that could be found" : $"table {table}";
            yield return context.Issue(
                IssueTypes.DamagedPage,
                Severity.Critical,
                place,
                $"{Place(first)} of {whose} is damaged: {Reason(first.Text)}. Rows in it, or below it, may be lost: restore a backup, or salvage the file into a new one.",
                new FileEvidence
                {
                    Detail = string.Join('\n', page.Select(message => message.Text).Take(RowsShown)),
                    Page = first.Page,
                    RootPage = first.Tree ?? page.Key.Owner?.RootPage,
                    Cell = first.Cell,
                    Table = table,
                    Count = page.Count(),
                },
                table,
                key: first.Text);
        }

        var unused = messages.Where(message => message.Subject == CheckSubject.UnusedPage).ToList();
        if (unused.Count > 0)
        {
            yield return context.Issue(
                IssueTypes.DamagedPage,
                Severity.Medium,
                $"page:{unused[0].Page}",
                string.Create(CultureInfo.InvariantCulture, $"{unused.Count:N0} pages belong to no table and are not free: space is lost, and where a table is damaged, too, its rows may stand in them. VACUUM INTO a new file leaves them behind."),
                new FileEvidence { Detail = unused[0].Text, Page = unused[0].Page, Count = unused.Count },
                key: "unused");
        }
    }

    private IEnumerable<IntegrityIssue> Indexes(List<CheckMessage> messages, Dictionary<uint, uint> owners, HashSet<string?> damagedTables)
    {
        var wrong = messages
            .Select(message => (message, Index: message.Subject == CheckSubject.Index ? message.Index : OwnerOf(message, owners) is { Type: "index" } owner ? owner.Name : null))
            .Where(pair => pair.Index is not null)
            .GroupBy(pair => pair.Index!, pair => pair.message, StringComparer.OrdinalIgnoreCase);
        foreach (var group in wrong)
        {
            var table = schema.Index(group.Key)?.Table;
            var tableDamaged = damagedTables.Contains(table) || damagedTables.Contains(null);
            var rows = group.Where(message => message.Row is not null).Select(message => message.Row!.Value).Distinct().ToList();
            var pages = group.Count(message => message.Subject == CheckSubject.Page);
            var what = rows.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"lacks {rows.Count:N0} rows of its table, or holds them wrongly")
                : pages > 0 ? "has damaged pages"
                : "holds more or fewer entries than its table has rows";
            yield return context.Issue(
                IssueTypes.IndexMismatch,
                Severity.High,
                $"index:{group.Key}",
                $"Index {group.Key} {what}: queries that use it miss rows or find wrong ones. "
                + (tableDamaged ? "Its table is damaged, too: see to that first." : "Its table is sound: REINDEX makes it right."),
                new FileEvidence
                {
                    Detail = string.Join('\n', group.Select(message => message.Text).Take(RowsShown)),
                    Table = table,
                    Index = group.Key,
                    Page = group.FirstOrDefault(message => message.Page is not null)?.Page,
                    Rows = [.. rows.Take(RowsShown)],
                    Count = group.Count(),
                },
                table,
                repairable: !tableDamaged);
        }
    }

    private IEnumerable<IntegrityIssue> Constraints(List<CheckMessage> messages)
    {
        foreach (var group in messages.Where(message => message.Subject is CheckSubject.NotNull or CheckSubject.Type).GroupBy(message => message.Text))
        {
            var message = group.First();
            if (Split(message.Table!) is not var (shape, column))
            {
                continue;
            }

            var (condition, rule) = message.Subject == CheckSubject.NotNull
                ? ("= 'null'", "not_null")
                : ($"NOT IN ('null', '{(message.Wanted == "INT" ? "integer" : message.Wanted?.ToLowerInvariant())}')", "type");
            foreach (var issue in Rows(shape, column, $"typeof({SqlName.Quote(column)}) {condition}", rule))
            {
                yield return issue;
            }
        }

        foreach (var group in messages.Where(message => message.Subject == CheckSubject.Unique).GroupBy(message => message.Index ?? message.Table!))
        {
            var table = schema.Index(group.Key)?.Table ?? group.Key;
            yield return context.Issue(
                IssueTypes.ConstraintViolation,
                Severity.High,
                $"index:{group.Key}",
                $"Table {table} has rows that its unique index {group.Key} should not have let in. Decide which of them to keep.",
                new RowEvidence { Table = table, Rule = "unique", Count = group.Count() },
                table);
        }

        foreach (var table in schema.Tables.Where(table => table.Sql is not null))
        {
            foreach (var issue in CheckExpressions.Of(table.Sql!).SelectMany(expression => Broken(table.Name, expression)))
            {
                yield return issue;
            }
        }
    }

    private IEnumerable<IntegrityIssue> Broken(string table, string expression)
    {
        if (TableShape.Read(connection, table) is not { Key.Count: > 0 } shape)
        {
            return [];
        }

        try
        {
            return [.. Rows(shape, shape.Key[0], $"NOT {expression}", "check", shape.RowId ?? SqlName.Quote(shape.Key[0]))];
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            // It calls a function that only the application has: whether rows fulfil it cannot be known here.
            return [];
        }
    }

    private IEnumerable<IntegrityIssue> Rows(TableShape shape, string column, string condition, string rule, string? shown = null)
    {
        var keys = new List<IReadOnlyList<RowValue>>();
        using (var command = connection.Prepare(
            $"SELECT {shape.KeySql()}, {shown ?? SqlName.Quote(column)} FROM {SqlName.Quote(shape.Name)} NOT INDEXED WHERE {condition} LIMIT {MostRows}"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                keys.Add([.. Enumerable.Range(0, shape.Key.Count + 1).Select(part => RowValue.Read(reader.Handle!, part))]);
            }
        }

        foreach (var values in keys)
        {
            var key = values.SkipLast(1).ToList();
            yield return context.Issue(
                IssueTypes.ConstraintViolation,
                Severity.High,
                RowKey.Subject(shape.Name, key),
                rule switch
                {
                    "not_null" => $"Column {column} is NULL, and the table says NOT NULL: an UPDATE of the row will fail.",
                    "check" => $"The row breaks the table's CHECK {condition[4..]}: an UPDATE of it will fail.",
                    _ => $"Column {column} holds {values[^1]}, which is of another type than its STRICT table allows.",
                },
                new RowEvidence
                {
                    Table = shape.Name,
                    Key = RowKey.ToJson(key),
                    Columns = rule == "check" ? [] : [column],
                    Values = rule == "check" ? null : RowKey.ToJson([values[^1]]),
                    Rule = rule,
                },
                shape.Name,
                key: column + rule + (rule == "check" ? condition : string.Empty));
        }
    }

    private IEnumerable<IntegrityIssue> Others(List<CheckMessage> messages)
    {
        foreach (var message in messages.Where(message => message.Subject == CheckSubject.Other).DistinctBy(message => message.Text))
        {
            yield return context.Issue(
                IssueTypes.DamagedPage,
                Severity.Critical,
                "database",
                $"SQLite's check says: {message.Text}. Restore a backup, or salvage the file into a new one.",
                new FileEvidence { Detail = message.Text },
                key: message.Text);
        }

        if (messages.Count >= MostMessages)
        {
            yield return context.Issue(
                IssueTypes.DamagedPage,
                Severity.Critical,
                "database",
                $"There are more faults than the {MostMessages:N0} that were listed.",
                new FileEvidence { Detail = "The check ended at its bound." },
                key: "more");
        }
    }

    /// <summary>Table and column of <c>table.column</c>, where either may hold dots.</summary>
    private (TableShape Shape, string Column)? Split(string name)
    {
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot > 0; dot = name.IndexOf('.', dot + 1))
        {
            if (TableShape.Read(connection, name[..dot]) is { Key.Count: > 0 } shape && shape.Columns.Contains(name[(dot + 1)..], StringComparer.Ordinal))
            {
                return (shape, name[(dot + 1)..]);
            }
        }

        return null;
    }

    private static string Place(CheckMessage message) =>
        message.Subject == CheckSubject.FreePages ? "A part" : $"Page {message.Page ?? message.Tree}{(message.Cell is { } cell ? $", cell {cell}," : string.Empty)}";

    private static string Reason(string text) => text[(text.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? colon + 2 : 0)..];
}
