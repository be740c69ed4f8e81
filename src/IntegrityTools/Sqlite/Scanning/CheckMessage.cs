using System.Globalization;
using System.Text.RegularExpressions;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>What a line of integrity_check is about.</summary>
internal enum CheckSubject
{
    /// <summary>A page, or a cell on it.</summary>
    Page,

    /// <summary>A page that no tree and no list names.</summary>
    UnusedPage,

    /// <summary>The list of free pages.</summary>
    FreePages,

    /// <summary>A row that its index lacks, or an index with too many or too few entries.</summary>
    Index,

    /// <summary>Two rows that a unique index should not have let in.</summary>
    Unique,

    /// <summary>NULL in a column that refuses it.</summary>
    NotNull,

    /// <summary>A row that breaks a CHECK.</summary>
    Check,

    /// <summary>A value of another type than its column's, in a STRICT table.</summary>
    Type,

    /// <summary>A full-text index that differs from its texts, or cannot be read.</summary>
    FullText,

    /// <summary>An R-Tree, which is an index and the data at once.</summary>
    RTree,

    /// <summary>Something that this program does not know: its text tells it.</summary>
    Other,
}

/// <summary>One line of integrity_check, taken apart. The forms are those of btree.c and pragma.c from 3.7 to 3.53.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Text">SQLite's own words.</param>
internal sealed partial record CheckMessage(CheckSubject Subject, string Text)
{
    /// <summary>The page.</summary>
    public long? Page { get; private init; }

    /// <summary>The first page of the tree.</summary>
    public long? Tree { get; private init; }

    /// <summary>The page that the line says is named wrongly; not the one that names it.</summary>
    public uint? Named { get; private init; }

    /// <summary>The cell.</summary>
    public int? Cell { get; private init; }

    /// <summary>The row's place in the table's order, from 1.</summary>
    public long? Row { get; private init; }

    /// <summary>The index.</summary>
    public string? Index { get; private init; }

    /// <summary>The table, or table and column with a dot between.</summary>
    public string? Table { get; private init; }

    /// <summary>The type that was expected, in capitals.</summary>
    public string? Wanted { get; private init; }

    /// <summary>What it is instead, NUMERIC or TEXT, where the column's declared type would have made another of it.</summary>
    public string? Stored { get; private init; }

    /// <summary>True when it is about a row that is whole, and holds what a rule of the schema forbids: each such row has a line, all of them alike.</summary>
    public bool IsOfRule => Subject is CheckSubject.NotNull or CheckSubject.Check or CheckSubject.Type;

    /// <summary>Takes one row of the pragma's answer apart; one row can hold many lines.</summary>
    public static IEnumerable<CheckMessage> ParseAll(string answer)
    {
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        // Of an R-Tree only the first line names it.
        return lines.Length > 1 && OfRTree().IsMatch(lines[0])
            ? [Parse(lines[0] + " " + string.Join("; ", lines.Skip(1)))]
            : lines.Where(line => line != "ok" && !line.StartsWith("*** in database ", StringComparison.Ordinal)).Select(Parse);
    }

    /// <summary>Takes one line apart.</summary>
    public static CheckMessage Parse(string line)
    {
        foreach (var (form, subject) in Forms)
        {
            if (form.Match(line) is { Success: true } match)
            {
                return new CheckMessage(subject, line)
                {
                    Page = Number(match, "page"),
                    Named = NamedIn(line),
                    Tree = Number(match, "tree"),
                    Cell = (int?)Number(match, "cell"),
                    Row = Number(match, "row"),
                    Index = Name(match, "index"),
                    Table = Name(match, "table"),
                    Wanted = Name(match, "wanted"),
                    Stored = Name(match, "stored"),
                };
            }
        }

        return new CheckMessage(CheckSubject.Other, line) { Named = NamedIn(line) };
    }

    private static IReadOnlyList<(Regex Form, CheckSubject Subject)> Forms { get; } =
    [
        (RowMissing(), CheckSubject.Index),
        (EntryCount(), CheckSubject.Index),
        (NotUnique(), CheckSubject.Unique),
        (NullValue(), CheckSubject.NotNull),
        (CheckFailed(), CheckSubject.Check),
        (WrongType(), CheckSubject.Type),
        (OfFullText(), CheckSubject.FullText),
        (OfRTree(), CheckSubject.RTree),
        (Unused(), CheckSubject.UnusedPage),
        (FreeList(), CheckSubject.FreePages),
        (OnTree(), CheckSubject.Page),
        (OnPage(), CheckSubject.Page),
        (PageNamed(), CheckSubject.Page),
    ];

    private static long? Number(Match match, string group) =>
        match.Groups[group] is { Success: true } found && long.TryParse(found.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static uint? NamedIn(string line) => PageInQuestion().Match(line) is { Success: true } match ? (uint?)Number(match, "named") : null;

    private static string? Name(Match match, string group) => match.Groups[group] is { Success: true } found ? found.Value : null;

    [GeneratedRegex(@"(2nd reference to page|invalid page number|ptr map entry key=|Pointer map page|freelist leaf count too big on page) ?(?<named>\d{1,9})", RegexOptions.ExplicitCapture)]
    private static partial Regex PageInQuestion();

    [GeneratedRegex(@"^(row (?<row>\d+) missing from index|row (?<row>\d+) values differ from index|rowid not at end-of-record for row (?<row>\d+) of index|index (?=.* stores an imprecise floating-point value for row (?<row>\d+))) ?(?<index>.+?)( stores an imprecise floating-point value for row \d+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex RowMissing();

    [GeneratedRegex(@"^wrong # of entries in index (?<index>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex EntryCount();

    [GeneratedRegex(@"^(non-unique entry in index (?<index>.+)|row not in PRIMARY KEY order for (?<table>.+))$", RegexOptions.ExplicitCapture)]
    private static partial Regex NotUnique();

    [GeneratedRegex(@"^NULL value in (?<table>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex NullValue();

    [GeneratedRegex(@"^CHECK constraint failed in (?<table>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex CheckFailed();

    [GeneratedRegex(@"^(non-(?<wanted>[A-Z]+)|(?<stored>NUMERIC|TEXT)) value in (?<table>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex WrongType();

    [GeneratedRegex(@"^((malformed|unable to validate the) inverted index for FTS\d table [^.]+\.(?<table>.+?)(: [a-zA-Z ]+)?|fts5: .* table ""(?<table>.+)"")$", RegexOptions.ExplicitCapture)]
    private static partial Regex OfFullText();

    [GeneratedRegex(@"^In RTree [^.]+\.(?<table>.+?):( |$)", RegexOptions.ExplicitCapture)]
    private static partial Regex OfRTree();

    [GeneratedRegex(@"^Page (?<page>\d+)(:| is) never used$", RegexOptions.ExplicitCapture)]
    private static partial Regex Unused();

    [GeneratedRegex(@"^(Main freelist|Freelist): ", RegexOptions.ExplicitCapture)]
    private static partial Regex FreeList();

    [GeneratedRegex(@"^Tree (?<tree>\d+)( page (?<page>\d+)( (cell (?<cell>\d+)|right child))?)?: ", RegexOptions.ExplicitCapture)]
    private static partial Regex OnTree();

    [GeneratedRegex(@"^On (tree )?page (?<page>\d+) (cell (?<cell>\d+)|at right child): ", RegexOptions.ExplicitCapture)]
    private static partial Regex OnPage();

    [GeneratedRegex(@"^(Page|Pointer map page) (?<page>\d+)(:| is) |(failed to get page|freelist leaf count too big on page|2nd reference to page|invalid page number|of page|on page) (?<page>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex PageNamed();
}
