using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Scanning;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>Turns issues into operations. Reads the rows that are meant, without a trace.</summary>
internal sealed class SqliteProposals(string path, CancellationToken cancellationToken) : IDisposable
{
    private readonly HashSet<string> parents = [];
    private readonly HashSet<string> changed = [];
    private readonly Lazy<string?> mixture = new(() => LogChecks.Danger(DatabaseFiles.Find(path), LogChecks.OfLogAndJournal, cancellationToken, Severity.Critical));
    private QuietReader? reader;
    private SqliteState? state;
    private ParentRows? backup;
    private bool salvaged;

    /// <summary>The database, read without a trace.</summary>
    public SqliteConnection Connection => (reader ??= QuietReader.ForRows(path, cancellationToken)).Connection;

    /// <summary>Its state.</summary>
    public SqliteState State => state ??= new SqliteState(Connection);

    /// <summary>The SQLite that wrote it last; null when it is not known.</summary>
    public Version? Writer => DatabaseFiles.Find(path).ReadHeader()?.WriterVersion;

    /// <summary>Why nothing that SQLite makes of the file and its log or journal is a state to repair; null when it is one.</summary>
    public string? Mixture => mixture.Value;

    /// <summary>One operation for an issue.</summary>
    public RepairOperation Propose(IntegrityIssue issue, RepairPolicy policy)
    {
        var operation = (issue.Type, issue.Evidence) switch
        {
            (IssueTypes.ForeignKeyViolation or IssueTypes.IndexMismatch or IssueTypes.UnsafeSetting or IssueTypes.SummaryDrift, _)
                when (issue.CanAutoResolve || issue.Type != IssueTypes.UnsafeSetting) && Mixture is { } why => Review(issue, $"It is not planned. {why}"),
            (IssueTypes.ForeignKeyViolation, RowEvidence { Key: not null } row) => Parent(issue, row, policy) ?? Possible(issue, Orphan(issue, row)),
            (IssueTypes.IndexMismatch, FileEvidence { Index: { } index }) when issue.CanAutoResolve => Reindex(issue, index),
            (IssueTypes.OversizedWal or IssueTypes.HotJournal, _) when issue.CanAutoResolve => Checkpoint(issue),
            (IssueTypes.UnsafeSetting, SettingEvidence { Wanted: not null } setting) when issue.CanAutoResolve => SetPragma(issue, setting),
            (IssueTypes.DamagedPage or IssueTypes.NotADatabase, _) when issue.Severity >= Severity.High => Salvage(issue) ?? Review(issue, Advice(issue)),
            _ => Review(issue, Advice(issue)),
        };
        return Bound(issue, operation, policy);
    }

    /// <summary>Leaves to a person what is above the policy's bounds.</summary>
    public static RepairOperation Bound(IntegrityIssue issue, RepairOperation operation, RepairPolicy policy)
    {
        var bound = policy.MaximumRisk ?? policy.Resolution.MaxRisk;
        var severest = policy.MaximumSeverity ?? policy.Resolution.MaxSeverity;
        return operation.NeedsReview ? operation
            : (policy.Strategy ?? Strategy.Auto) == Strategy.Manual ? Review(issue, $"The strategy is manual. {operation.Reason}")
            : operation.Risk > bound ? Review(issue, $"Its risk is {Codes.Of(operation.Risk)}, above the bound of {Codes.Of(bound.Value)}. {operation.Reason}")
            : issue.Severity > severest ? Review(issue, $"It is {Codes.Of(issue.Severity)}, above the bound of {Codes.Of(severest.Value)}. {operation.Reason}")
            : operation;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reader?.Dispose();
        backup?.Dispose();
    }

    /// <summary>An operation for an issue.</summary>
    public static RepairOperation Draft(IntegrityIssue issue, string type, Risk risk, string reason, Precondition precondition, RepairAction action) => new()
    {
        Type = type,
        IssueId = issue.Id,
        IssueType = issue.Type,
        Severity = issue.Severity,
        Subject = issue.Subject,
        DocumentType = issue.DocumentType,
        Risk = risk,
        Strategy = Strategy.Auto,
        Reason = reason,
        Precondition = precondition,
        Action = action,
    };

    private static RepairOperation Review(IntegrityIssue issue, string reason) =>
        RepairOperation.ForReview(issue, OperationTypes.Review, new SettingPrecondition("journal_mode", string.Empty), reason);

    private static string Advice(IntegrityIssue issue) => issue.Type switch
    {
        IssueTypes.DamagedPage or IssueTypes.NotADatabase => "No page can be mended in place: restore a backup, or salvage the rows into a new file.",
        IssueTypes.IndexMismatch when issue.Evidence is FileEvidence { Index: null, Table: { } table } =>
            $"Which of the table's indexes it is SQLite does not tell: REINDEX {SqlName.Quote(table)} in the sqlite3 shell makes all of them anew, and loses nothing.",
        IssueTypes.IndexMismatch => "The table of this index is damaged, too: restore a backup, or salvage the rows into a new file, which makes every index anew.",
        IssueTypes.ForeignWal or IssueTypes.DamagedWal => "Which of the two states is right only you can know: copy the database with its -wal before anything opens it.",
        IssueTypes.HotJournal or IssueTypes.OversizedWal when issue.Subject == "wal" =>
            "Whether the log is the database's own only you can know: copy the database with its -wal first, then look at it with its own application.",
        IssueTypes.HotJournal => "Whoever opens the database next rolls the journal back. Copy both files first, then open it with its own application.",
        IssueTypes.UnsafeSetting when issue.Evidence is SettingEvidence { Name: "auto_vacuum", Value: "full", Wanted: "incremental" } =>
            "Which of the two is right only you can know: with sqlite.auto_vacuum: incremental in integrity.yaml a plan changes it.",
        IssueTypes.UnsafeSetting when issue.Evidence is SettingEvidence { Name: "auto_vacuum", Wanted: { } wanted } =>
            $"It is not planned: only VACUUM brings it about or takes it back, which writes the file anew and can give other rowids to rows without an INTEGER PRIMARY KEY. To do it yourself, stop the application, back the database up, and run PRAGMA auto_vacuum = {wanted}; VACUUM;",
        IssueTypes.MissingIndex when issue.Evidence is SettingEvidence { Wanted: { } sql } => $"An index costs at every write, so it is yours to decide: {sql};",
        IssueTypes.VulnerableLibrary or IssueTypes.OutdatedLibrary => "Update the library; nothing in the database is wrong.",
        IssueTypes.ForeignKeyViolation when issue.Evidence is RowEvidence { Key: null } => "No row of it can be named: change the rows, or the schema, by hand.",
        IssueTypes.ConstraintViolation => "What the row should hold only you can know.",
        _ => "Nothing in the database can be changed to mend this.",
    };

    /// <summary>One salvage answers all that is damaged: it is one for the whole file.</summary>
    private RepairOperation? Salvage(IntegrityIssue issue)
    {
        if (salvaged)
        {
            return Review(issue, "The salvage of the whole file, which this plan holds already, answers it too.");
        }

        var operation = SalvageRepair.Propose(issue, path, cancellationToken);
        salvaged = operation is not null;
        return operation;
    }

    /// <summary>Gives back the parent from the backup that was named, when the backup has it.</summary>
    private RepairOperation? Parent(IntegrityIssue issue, RowEvidence row, RepairPolicy policy)
    {
        if (policy.Backup is null || row is not { Parent: { } table, Values: { } values, ParentColumns.Count: > 0 } || State.Rows.Shape(table) is not { } shape)
        {
            return null;
        }

        backup ??= new ParentRows(policy.Backup, cancellationToken);
        if (backup.Find(shape, row.ParentColumns, RowKey.Parse(values)) is not var (key, image))
        {
            return null;
        }

        if (State.Rows.Read(table, key) is { } other && !row.ParentColumns.All(column => other.Of(column).IsSameAs(image.Of(column))))
        {
            // Rowids are given again: another row has the parent's by now, and it comes back by what leads to it.
            key = RowKey.ToJson(row.ParentColumns, row.ParentColumns.Select(image.Of));
        }

        return !parents.Add(table + key.Text) ? Review(issue, "The row that it lacks comes back by another operation of this plan.")
            : State.Rows.Read(table, key) is not null ? Review(issue, $"The row of {table} that the backup has is there with other values: which of them are right only you can know.")
            : Draft(
                issue,
                OperationTypes.RestoreParentFromBackup,
                Risk.High,
                $"The backup {policy.Backup} has the row of {table} to which it leads: that comes back as it was then, if nothing else stands in its place.",
                new RowPrecondition(table, key, null),
                new CopyRowAction(table, key, image.Sha256, policy.Backup)) with
            { NewValue = image.ToJson() };
    }

    /// <summary>What the schema says happens to a child whose parent is deleted; where it says nothing, the change that keeps the most.</summary>
    private RepairOperation Orphan(IntegrityIssue issue, RowEvidence row)
    {
        var key = row.Key!.Value;
        if (State.Rows.Read(row.Table, key) is not { } image)
        {
            return Review(issue, "The row is gone since the scan.");
        }

        var shape = State.Rows.Shape(row.Table)!;
        var optional = row.Columns.Where(column => !shape.NotNull.Contains(column) && !shape.PrimaryKey.Contains(column, StringComparer.OrdinalIgnoreCase)).Take(1).ToList();
        var before = new RowPrecondition(row.Table, key, image.Sha256);
        if (!changed.Add(row.Table + key.Text))
        {
            return Review(issue, "Another operation of this plan changes the row: repair that, then scan and plan again.");
        }

        if (row.OnDelete != "CASCADE" && optional.Count > 0)
        {
            // One column of the key is enough: a foreign key with a NULL in it leads nowhere by right.
            var after = image.WithNull(optional);
            var why = row.OnDelete == "SET NULL" ? "The schema says ON DELETE SET NULL" : "The column may be NULL, and so nothing else of the row is lost";
            return Draft(
                issue,
                OperationTypes.NullOrphans,
                Risk.High,
                $"{why}: {optional[0]} is set to NULL. Where it led is in the backup.",
                before,
                new ChangeRowAction(row.Table, key, optional, after.Sha256)) with
            {
                OldValue = image.ToJson(),
                NewValue = after.ToJson(),
                Changes = [.. optional.Select(column => new FieldChange(column, image.Of(column).ToString(), "NULL", "foreign_key"))],
            };
        }

        return Draft(
            issue,
            OperationTypes.DeleteOrphans,
            Risk.High,
            row.OnDelete == "CASCADE"
                ? "The schema says ON DELETE CASCADE: the row is deleted. Rows that lead to it are found by the next scan."
                : "The column refuses NULL: the row is deleted. If its parent can be restored from a backup, do that instead. Rows that lead to it are found by the next scan.",
            before,
            new ChangeRowAction(row.Table, key, [], null)) with
        { OldValue = image.ToJson() };
    }

    private RepairOperation Possible(IntegrityIssue issue, RepairOperation operation) =>
        operation.Action is ChangeRowAction change && State.Rows.Refusal(change) is { } refusal
            ? Review(issue, $"SQLite cannot write this table here: {refusal}. Change the row with the application's own program, which has it.")
            : operation;

    private RepairOperation Reindex(IntegrityIssue issue, string index) =>
        State.Setting(SqliteState.IndexPrefix + index) is { } definition
            ? Draft(
                issue,
                OperationTypes.Reindex,
                Risk.Low,
                $"Index {index} is made anew from its table, which is sound. Writers wait while it runs.",
                new SettingPrecondition(SqliteState.IndexPrefix + index, definition),
                new ReindexAction(index))
            : Review(issue, "The index is gone since the scan.");

    private static RepairOperation Checkpoint(IntegrityIssue issue) => Draft(
        issue,
        OperationTypes.Checkpoint,
        Risk.Low,
        "The -wal is written back into the database and emptied; the file and the -wal as they stand are saved first. It is done only if no other process has the database open.",
        new SettingPrecondition("journal_mode", "wal"),
        new CheckpointAction());

    private static RepairOperation SetPragma(IntegrityIssue issue, SettingEvidence setting) => Draft(
        issue,
        OperationTypes.SetPragma,
        Risk.Medium,
        $"{setting.Name} becomes {setting.Wanted}, as the configuration wants. It is done only if no other process has the database open.",
        new SettingPrecondition(setting.Name, setting.Value!),
        new SetPragmaAction(setting.Name, setting.Wanted!)) with
    { Changes = [new FieldChange(setting.Name, setting.Value, setting.Wanted, "configuration")] };
}
