using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Finds the rows that break NOT NULL, UNIQUE, CHECK or the types of a STRICT table.</summary>
/// <param name="context">What is looked for, and where.</param>
/// <param name="connection">The database.</param>
/// <param name="schema">Its schema.</param>
/// <param name="guarded">Tells where a check breaks off, so that the next one goes on.</param>
internal sealed class ConstraintChecks(
    CheckContext context, SqliteConnection connection, DatabaseSchema schema, Func<string, IEnumerable<IntegrityIssue>, IEnumerable<IntegrityIssue>> guarded)
{
    private const int MostRows = 1000;

    /// <summary>The rows, found by queries of our own: SQLite's check names no row.</summary>
    /// <param name="messages">What SQLite's check says.</param>
    /// <param name="lines">How often it says each line of a rule.</param>
    public IEnumerable<IntegrityIssue> Run(IReadOnlyList<CheckMessage> messages, IReadOnlyDictionary<string, int> lines)
    {
        foreach (var message in messages.Where(message => message.Subject is CheckSubject.NotNull or CheckSubject.Type).DistinctBy(message => message.Text))
        {
            if (Split(message.Table!) is not var (shape, column))
            {
                yield return Nameless(message.Table!, message.Subject == CheckSubject.NotNull ? "not_null" : "type", message.Text, lines[message.Text]);
                continue;
            }

            var rows = Rows(shape, column, Condition(message, SqlName.Quote(column)), message.Subject == CheckSubject.NotNull ? "not_null" : message.Stored is null ? "type" : "affinity");
            foreach (var issue in guarded($"column {column} of table {shape.Name}", rows))
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
            var broken = CheckExpressions.Of(table.Sql!).SelectMany(expression => Broken(table.Name, expression));
            foreach (var issue in guarded($"CHECK of table {table.Name}", broken))
            {
                yield return issue;
            }
        }
    }

    /// <summary>Which rows a line is about. By their types: of a column that is NOT NULL, SQLite takes IS NULL for false unasked. A text is a number when a column of numbers would have made one of it.</summary>
    private static string Condition(CheckMessage message, string column) => message switch
    {
        { Subject: CheckSubject.NotNull } => $"typeof({column}) = 'null'",
        { Stored: "NUMERIC" } => $"typeof({column}) IN ('integer', 'real')",
        { Stored: not null } => $"typeof({column}) = 'text' AND +{column} = CAST({column} AS NUMERIC)",
        _ => $"typeof({column}) NOT IN ('null', '{(message.Wanted == "INT" ? "integer" : message.Wanted!.ToLowerInvariant())}')",
    };

    private IEnumerable<IntegrityIssue> Broken(string table, string expression)
    {
        if (TableShape.Read(connection, table) is not { } shape)
        {
            return [];
        }

        try
        {
            return shape.Key.Count > 0
                ? [.. Rows(shape, shape.Key[0], $"NOT {expression}", "check", shape.RowId ?? SqlName.Quote(shape.Key[0]))]
                : Count(table, $"NOT {expression}") is > 0 and var count ? [Nameless(table, "check", $"CHECK {expression} is broken", count)]
                : [];
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_ERROR)
        {
            return [Unchecked(table, expression, exception.Message)];
        }
    }

    private long Count(string table, string condition)
    {
        using var command = connection.Prepare($"SELECT count(*) FROM {SqlName.Quote(table)} NOT INDEXED WHERE {condition}");
        return (long)command.ExecuteScalar()!;
    }

    private IntegrityIssue Nameless(string subject, string rule, string what, long count) => context.Issue(
        IssueTypes.ConstraintViolation,
        Severity.High,
        subject,
        string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(count, "row")}: {what}. An UPDATE of such a row will fail. Nothing can name them: they have no key, or the column is computed."),
        new RowEvidence { Table = subject, Rule = rule, Count = count },
        subject,
        key: what);

    private IntegrityIssue Unchecked(string table, string expression, string why) => context.Issue(
        IssueTypes.UncheckedConstraint,
        Severity.Info,
        table,
        $"The table's CHECK {expression} cannot be evaluated here, and its rows were not held against it: {why.TrimEnd('.')}. Only the application that has that can tell whether they fulfil it.",
        new RowEvidence { Table = table, Rule = "check", Count = 0 },
        table,
        key: expression);

    private IEnumerable<IntegrityIssue> Rows(TableShape shape, string column, string condition, string rule, string? shown = null)
    {
        var keys = new List<IReadOnlyList<RowValue>>();
        using (var command = connection.Prepare(
            $"SELECT {shape.KeySql()}, {shown ?? SqlName.Quote(column)} FROM {SqlName.Quote(shape.Name)} NOT INDEXED WHERE {condition} LIMIT {MostRows + 1}"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                keys.Add([.. Enumerable.Range(0, shape.Key.Count + 1).Select(part => RowValue.Read(reader.Handle!, part))]);
            }
        }

        foreach (var values in keys.Take(MostRows))
        {
            var key = values.SkipLast(1).ToList();
            yield return context.Issue(
                IssueTypes.ConstraintViolation,
                Severity.High,
                RowKey.Subject(shape.Name, key),
                rule switch
                {
                    "not_null" => $"Column {column} is NULL, and the table says NOT NULL: an UPDATE of the row will fail.",
                    "affinity" => $"Column {column} holds {values[^1]} as {(values[^1].Type == raw.SQLITE_TEXT ? "a text" : "a number")}, which its declared type would have made {(values[^1].Type == raw.SQLITE_TEXT ? "a number" : "a text")}: comparisons pass the row over.",
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
                key: column + (rule == "affinity" ? "type" : rule) + (rule == "check" ? condition : string.Empty) + RowKey.Distinction(key));
        }

        if (keys.Count > MostRows)
        {
            var rest = Count(shape.Name, condition) - MostRows;
            var what = rule == "check" ? $"CHECK {condition[4..]}" : $"{rule} of column {column}";
            yield return context.Issue(
                IssueTypes.ConstraintViolation,
                Severity.High,
                shape.Name,
                string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(rest, "row")} more than the {MostRows:N0} that were listed break the same rule ({what})."),
                new RowEvidence { Table = shape.Name, Rule = rule, Count = rest },
                shape.Name,
                key: "more " + what);
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
}
