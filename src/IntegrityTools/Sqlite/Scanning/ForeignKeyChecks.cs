using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Finds rows whose foreign key leads nowhere, and foreign keys that cost or cannot be enforced.</summary>
/// <param name="context">What is looked for, and where.</param>
/// <param name="connection">The database.</param>
/// <param name="schema">Its schema.</param>
/// <param name="guarded">Tells where a check breaks off, so that the next one goes on.</param>
internal sealed class ForeignKeyChecks(
    CheckContext context, SqliteConnection connection, DatabaseSchema schema, Func<string, IEnumerable<IntegrityIssue>, IEnumerable<IntegrityIssue>> guarded)
{
    /// <summary>What is found, table by table.</summary>
    public IEnumerable<IntegrityIssue> Run()
    {
        if (!context.Wants(IssueTypes.ForeignKeyViolation, IssueTypes.MissingIndex))
        {
            yield break;
        }

        foreach (var table in schema.Tables)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (TableShape.Read(connection, table.Name) is not { ForeignKeys.Count: > 0 } shape)
            {
                continue;
            }

            foreach (var issue in shape.ForeignKeys.SelectMany(key => guarded($"{shape.Name}({string.Join(',', key.Columns)}) against {key.Parent}", Key(shape, key))))
            {
                yield return issue;
            }
        }
    }

    private IEnumerable<IntegrityIssue> Key(TableShape shape, ForeignKey key)
    {
        if (context.Wants(IssueTypes.MissingIndex) && !HasIndex(shape, key.Columns))
        {
            var index = $"CREATE INDEX {SqlName.Quote($"idx_{shape.Name}_{string.Join('_', key.Columns)}")} ON {SqlName.Quote(shape.Name)} ({SqlName.List(key.Columns)})";
            yield return context.Issue(
                IssueTypes.MissingIndex,
                Severity.Low,
                $"{shape.Name}({string.Join(',', key.Columns)})",
                $"The foreign key to {key.Parent} has no index: each DELETE or UPDATE there reads all of {shape.Name}. {index};",
                new SettingEvidence(shape.Name, null, index, "Deleting a parent looks for its children."),
                shape.Name);
        }

        if (!context.Wants(IssueTypes.ForeignKeyViolation))
        {
            yield break;
        }

        var parent = TableShape.Read(connection, key.Parent);
        var columns = key.ParentColumns.Count > 0 ? key.ParentColumns : parent?.PrimaryKey ?? [];
        if (parent is not null && columns.Count != key.Columns.Count)
        {
            yield return context.Issue(
                IssueTypes.ForeignKeyViolation,
                Severity.High,
                $"{shape.Name}({string.Join(',', key.Columns)})",
                $"The foreign key cannot be enforced: {key.Parent} has no primary key that fits it, and with foreign_keys=ON every write to either table fails.",
                new RowEvidence { Table = shape.Name, Columns = key.Columns, Parent = key.Parent, Rule = "foreign_key" },
                shape.Name,
                key: "mismatch");
            yield break;
        }

        var query = Orphans(shape, key, parent is null ? null : columns);
        if (ApplicationParts.Refusal(connection, query) is { } refusal)
        {
            yield return context.Issue(
                IssueTypes.UncheckedConstraint,
                Severity.Info,
                $"{shape.Name}({string.Join(',', key.Columns)})",
                $"Whether each row leads to one of {key.Parent} cannot be told here: {refusal}. Only the application can, with what it has, by PRAGMA foreign_key_check.",
                new RowEvidence { Table = shape.Name, Columns = key.Columns, Parent = key.Parent, Rule = "foreign_key" },
                shape.Name,
                key: $"{key.Id}");
            yield break;
        }

        if (shape.Key.Count == 0)
        {
            if (Read(query, key.Columns.Count).LongCount() is > 0 and var nameless)
            {
                yield return Nameless(shape, key, nameless);
            }

            yield break;
        }

        foreach (var values in Read(query, shape.Key.Count + key.Columns.Count))
        {
            var row = values.Take(shape.Key.Count).ToList();
            var found = values.Skip(shape.Key.Count).ToList();
            yield return context.Issue(
                IssueTypes.ForeignKeyViolation,
                Severity.High,
                RowKey.Subject(shape.Name, row),
                $"{string.Join(", ", key.Columns)} = {string.Join(", ", found)} leads to no row of {key.Parent}{(parent is null ? ", a table that does not exist" : string.Empty)}.",
                new RowEvidence
                {
                    Table = shape.Name,
                    Key = RowKey.ToJson(row),
                    Columns = key.Columns,
                    Values = RowKey.ToJson(found),
                    Parent = key.Parent,
                    ParentColumns = columns,
                    Rule = "foreign_key",
                    OnDelete = key.OnDelete,
                },
                shape.Name,
                key: $"{key.Id}{RowKey.Distinction(row)}");
        }
    }

    private IntegrityIssue Nameless(TableShape shape, ForeignKey key, long count) => context.Issue(
        IssueTypes.ForeignKeyViolation,
        Severity.High,
        $"{shape.Name}({string.Join(',', key.Columns)})",
        string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(count, "row")} of {shape.Name} lead to no row of {key.Parent}. They cannot be named one by one: {TableShape.Hidden}."),
        new RowEvidence { Table = shape.Name, Columns = key.Columns, Parent = key.Parent, Rule = "foreign_key", Count = count },
        shape.Name,
        key: $"nameless {key.Id}");

    /// <summary>
    /// Rows with a full key that no parent has. By a query of our own and not by foreign_key_check, which tells no row of a table
    /// WITHOUT ROWID; the comparison is the one that SQLite enforces: the parent column's, with its collation and its
    /// affinity alone (the + takes the child's away: a child's 7 is not a parent's '007').
    /// </summary>
    private static string Orphans(TableShape shape, ForeignKey key, IReadOnlyList<string>? columns)
    {
        var present = string.Join(" AND ", key.Columns.Select(column => $"c.{SqlName.Quote(column)} IS NOT NULL"));
        var missing = columns is null ? string.Empty
            : $" AND NOT EXISTS (SELECT 1 FROM {SqlName.Quote(key.Parent)} AS p WHERE "
              + string.Join(" AND ", columns.Zip(key.Columns, (to, from) => $"p.{SqlName.Quote(to)} = +c.{SqlName.Quote(from)}")) + ")";
        var names = shape.Key.Count == 0 ? string.Empty : shape.KeySql("c.") + ", ";
        return $"SELECT {names}{SqlName.List(key.Columns, "c.")} FROM {SqlName.Quote(shape.Name)} AS c NOT INDEXED WHERE {present}{missing}";
    }

    private IEnumerable<List<RowValue>> Read(string query, int width)
    {
        using var command = connection.Prepare(query);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return [.. Enumerable.Range(0, width).Select(part => RowValue.Read(reader.Handle!, part))];
        }
    }

    /// <summary>True when some index, or the rowid, begins with those columns in any order.</summary>
    private bool HasIndex(TableShape shape, IReadOnlyList<string> columns)
    {
        if (shape.PrimaryKey.Count >= columns.Count
            && (shape.PrimaryKey.Count == 1 || shape.RowId is null)
            && shape.PrimaryKey.Take(columns.Count).All(column => columns.Contains(column, StringComparer.OrdinalIgnoreCase)))
        {
            return true;
        }

        using var command = connection.Prepare(
            "SELECT l.name, i.name FROM pragma_index_list($table) AS l, pragma_index_info(l.name) AS i WHERE NOT l.partial ORDER BY l.seq, i.seqno",
            ("$table", shape.Name));
        using var reader = command.ExecuteReader();
        var indexes = new List<(string Index, string? Column)>();
        while (reader.Read())
        {
            indexes.Add((reader.GetString(0), reader.Text(1)));
        }

        return indexes.GroupBy(part => part.Index).Any(index =>
            index.Count() >= columns.Count && index.Take(columns.Count).All(part => part.Column is { } name && columns.Contains(name, StringComparer.OrdinalIgnoreCase)));
    }
}
