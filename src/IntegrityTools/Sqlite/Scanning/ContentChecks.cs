using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Runs SQLite's own check and says of each line what it means: a table's page, an index, a row.</summary>
/// <param name="context">What is looked for, and where.</param>
/// <param name="connection">The database.</param>
/// <param name="schema">Its schema.</param>
/// <param name="pages">What the reader of our own has found.</param>
/// <param name="guarded">Tells where the check of one table breaks off, so that the next one goes on.</param>
internal sealed class ContentChecks(
    CheckContext context, SqliteConnection connection, DatabaseSchema schema, PageChecks pages, Func<string, IEnumerable<IntegrityIssue>, IEnumerable<IntegrityIssue>> guarded)
{
    private const int MostMessages = 2000;
    private const int RowsShown = 10;

    private static readonly string[] Types =
        [IssueTypes.DamagedPage, IssueTypes.IndexMismatch, IssueTypes.ConstraintViolation, IssueTypes.UncheckedConstraint];

    /// <summary>What the check finds.</summary>
    public IEnumerable<IntegrityIssue> Run()
    {
        if (!context.Wants(Types))
        {
            return [];
        }

        // What the reader of our own has told with both sides of it is not told again by one.
        var answers = new CheckAnswers(connection, () => schema.Tables.Select(table => table.Name), context.Settings.Check, MostMessages);
        var messages = answers.Read().FindAll(message => !pages.Covers(message));
        var owners = Owners(messages);
        var damagedTables = messages
            .Where(message => message.Subject == CheckSubject.Page)
            .Select(message => OwnerOf(message, owners))
            .Where(owner => owner is not { Type: "index" })
            .Select(owner => owner?.Table)
            .Concat(pages.DamagedTables)
            .ToHashSet();
        return schema.Rootless.Select(Rootless).Concat(Pages(messages, owners))
            .Concat(Indexes(messages, owners, damagedTables))
            .Concat(new ConstraintChecks(context, connection, schema, guarded).Run(messages, answers.Rules))
            .Concat(VirtualTables(messages))
            .Concat(Others(messages, answers.HasMore))
            .Concat(answers.Unchecked.Select(table => Unchecked(table.Table, table.Why.Message.TrimEnd('.'), ApplicationParts.Lacking(table.Why))))
            .Concat(answers.Unread.Select(table => Unread(table.Table, table.Why)))
            .Concat(answers.Cut.Select(Cut))
            .Where(issue => context.Wants(issue.Type));
    }

    private IntegrityIssue Rootless(SchemaObject item) => context.Issue(
        IssueTypes.DamagedPage,
        Severity.Critical,
        $"{item.Type}:{item.Name}",
        $"The schema names no page on which {item.Type} {item.Name} begins, so that it cannot be read: restore a backup, or salvage the file into a new one.",
        new FileEvidence { Detail = $"rootpage {item.RootPage}", RootPage = item.RootPage, Table = item.Table, Index = item.Type == "index" ? item.Name : null },
        item.Table,
        key: "rootless");

    private Dictionary<uint, uint> Owners(List<CheckMessage> messages) => pages.OwnersOf(
        messages.Where(message => message is { Subject: CheckSubject.Page, Tree: null, Page: > 0 }).Select(message => (uint)message.Page!).ToHashSet());

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
                string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(unused.Count, "page")} of no table and not free: space is lost, and where a table is damaged, too, its rows may stand in them. VACUUM INTO a new file leaves them behind."),
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
            var index = schema.Index(group.Key);
            var table = index?.Table;
            var tableDamaged = damagedTables.Contains(table) || damagedTables.Contains(null);
            var rows = group.Where(message => message.Row is not null).Select(message => message.Row!.Value).Distinct().ToList();
            var pages = group.Count(message => message.Subject == CheckSubject.Page);
            var what = rows.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"lacks {Counted.Of(rows.Count, "row")} of its table, or holds them wrongly")
                : pages > 0 ? "has damaged pages"
                : "holds more or fewer entries than its table has rows";
            yield return context.Issue(
                IssueTypes.IndexMismatch,
                Severity.High,
                $"index:{group.Key}",
                $"Index {group.Key} {what}: queries that use it miss rows or find wrong ones. "
                + (tableDamaged ? "Its table is damaged, too: see to that first." : $"Its table is sound: REINDEX makes it right{(IsUnique(index) ? ", unless rows have come in that it would have refused" : string.Empty)}."),
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

    /// <summary>What SQLite 3.44 and later says of full-text indexes and R-Trees; older ones do not look into them.</summary>
    private IEnumerable<IntegrityIssue> VirtualTables(List<CheckMessage> messages)
    {
        foreach (var group in messages.Where(message => message.Subject == CheckSubject.FullText).GroupBy(message => message.Table!))
        {
            var rebuilt = schema.FullText(group.Key) is { HasTexts: true };
            yield return context.Issue(
                IssueTypes.IndexMismatch,
                Severity.High,
                $"index:{group.Key}",
                $"The full-text index {group.Key} differs from its texts: searches miss rows or find wrong ones. "
                + (rebuilt
                    ? $"No text is lost: INSERT INTO {SqlName.Quote(group.Key)}({SqlName.Quote(group.Key)}) VALUES('rebuild') makes it anew from them."
                    : "It keeps no texts (content=''), so that only the application can fill it anew."),
                new FileEvidence { Detail = string.Join('\n', group.Select(message => message.Text).Take(RowsShown)), Table = group.Key, Index = group.Key, Count = group.Count() },
                group.Key,
                repairable: rebuilt);
        }

        foreach (var message in messages.Where(message => message.Subject == CheckSubject.RTree).DistinctBy(message => message.Table))
        {
            yield return context.Issue(
                IssueTypes.DamagedPage,
                Severity.Critical,
                $"index:{message.Table}",
                $"The R-Tree {message.Table} is damaged: {Reason(message.Text)}. It is its own only copy of what it holds: restore a backup, or fill it anew from the data that it was made of.",
                new FileEvidence { Detail = message.Text, Table = message.Table, Index = message.Table },
                message.Table,
                key: "rtree");
        }
    }

    private IEnumerable<IntegrityIssue> Others(List<CheckMessage> messages, bool hasMore)
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

        if (hasMore)
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

    private IntegrityIssue Unchecked(string table, string why, string? lacking) => context.Issue(
        IssueTypes.UncheckedConstraint,
        Severity.Info,
        table,
        $"SQLite's check of the {(table == CheckAnswers.Whole ? CheckAnswers.Whole : "table")} cannot be made here: {lacking ?? why}. Its pages were read, and what is wrong with them is told; "
        + (lacking is not null
            ? "the order of its rows and indexes only the application can check, which has that: by PRAGMA integrity_check."
            : "whether its indexes hold its rows is not known. An expression of its schema fails for one of its rows: mend the row, or the expression, and scan again."),
        new RowEvidence { Table = table, Rule = "integrity_check", Count = 0 },
        table,
        key: "integrity_check");

    private IntegrityIssue Cut(string table) => context.Issue(
        IssueTypes.UncheckedConstraint,
        Severity.Info,
        table,
        $"SQLite's check of the table ended after {CheckAnswers.MostOfTable} faults, since another table cannot be checked: what else is wrong with its rows and indexes is not known. Mend what is told, and scan again.",
        new RowEvidence { Table = table, Rule = "integrity_check", Count = 0 },
        table,
        key: "cut");

    /// <summary>SQLite does not say which index it broke off at. Only where there is one, it is known.</summary>
    private IntegrityIssue Unread(string table, string why)
    {
        var indexes = schema.Objects.Where(item => item.Type == "index" && item.Table.Equals(table, StringComparison.OrdinalIgnoreCase)).Select(item => item.Name).ToList();
        var only = indexes is [var one] ? one : null;
        return context.Issue(
            IssueTypes.IndexMismatch,
            Severity.High,
            only is null ? $"indexes:{table}" : $"index:{only}",
            $"SQLite's check of the indexes of table {table} broke off: {why}. Queries that use them miss rows or fail. Its table is sound: REINDEX {SqlName.Quote(table)} makes {(only is null ? "all of them" : "it")} right.",
            new FileEvidence { Detail = why, Table = table, Index = only },
            table,
            repairable: only is not null);
    }

    // One without a statement of its own keeps a PRIMARY KEY or UNIQUE of its table.
    private static bool IsUnique(SchemaObject? index) => index is not null && index.Sql?.Contains("UNIQUE", StringComparison.OrdinalIgnoreCase) != false;

    private static string Place(CheckMessage message) =>
        message.Subject == CheckSubject.FreePages ? "A part" : $"Page {message.Page ?? message.Tree}{(message.Cell is { } cell ? $", cell {cell}," : string.Empty)}";

    private static string Reason(string text) => text[(text.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? colon + 2 : 0)..];
}
