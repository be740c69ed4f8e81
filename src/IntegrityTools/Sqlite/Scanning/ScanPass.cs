using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Reading;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Sqlite.Summaries;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>One reading of a database from its bytes to its rows. A check that breaks off is told as one, and the next goes on.</summary>
internal sealed class ScanPass(CheckContext context, bool underLock) : IDisposable
{
    private static readonly AsyncLocal<Action?> Watcher = new();
    private static readonly string[] OfBytes =
        [IssueTypes.DamagedPage, IssueTypes.ForeignWal, IssueTypes.DamagedWal, IssueTypes.HotJournal];
    private static readonly Version FirstWithStrict = new(3, 37, 0);

    private QuietReader? reader;
    private PageWalk? walk;
    private bool moved;

    /// <summary>True when another process wrote meanwhile, so that what was found may be torn.</summary>
    public bool HasMoved => moved || walk?.HasMoved == true || reader?.HasMoved == true;

    /// <summary>For tests: told when the bytes were read, before it is asked whether they moved meanwhile.</summary>
    internal static Action? HasReadBytes
    {
        get => Watcher.Value;
        set => Watcher.Value = value;
    }

    /// <summary>The types that were not looked for in the header and the log, since others wrote to them at each try; empty: all were.</summary>
    public IReadOnlyList<string> Unsettled { get; private set; } = [];

    /// <summary>True when the file was looked at as it stands, since the log or the journal beside it is another database's.</summary>
    public bool WithoutLog { get; private set; }

    /// <summary>What all checks find.</summary>
    public IEnumerable<IntegrityIssue> Run()
    {
        foreach (var issue in Bytes().Concat(SettingChecks.Run(context)))
        {
            yield return issue;
        }

        if (context.Header.PageSize == 0)
        {
            yield break;
        }

        reader = WithoutLog ? QuietReader.WithoutLog(context.Files, context.Cancellation) : QuietReader.Open(context.Files, underLock, context.Cancellation);
        var version = SchemaVersion(reader.Connection);
        foreach (var issue in Guarded("the content", Content(reader, version)))
        {
            yield return issue;
        }

        // Where each check takes a lock of its own, tables and indexes may come and go between them.
        moved |= SchemaVersion(reader.Connection) != version;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        reader?.Dispose();
        walk?.Dispose();
    }

    /// <summary>What the bytes tell; of files that others write to, only what two readings in a row agree on.</summary>
    private List<IntegrityIssue> Bytes()
    {
        var (found, settled) = context.Files.Settle(() =>
        {
            context = context with { Header = context.Files.ReadHeader() ?? context.Header };
            var wal = WalFile.Read(context.Files.Wal, context.Header.PageSize, everything: false, context.Cancellation);
            WithoutLog = LogChecks.IsForeign(context, wal);
            List<IntegrityIssue> issues = [.. LogChecks.Run(context, wal), .. FileChecks.Run(context, WithoutLog ? null : wal)];
            HasReadBytes?.Invoke();
            return issues;
        });
        if (settled)
        {
            return found;
        }

        // That the log is large is so whatever is being written to it; and a writer that never rests is what makes it large.
        (Unsettled, WithoutLog) = ([.. OfBytes.Where(type => context.Wants(type))], false);
        return found.FindAll(issue => issue.Type == IssueTypes.OversizedWal);
    }

    private IEnumerable<IntegrityIssue> Content(QuietReader source, uint? version)
    {
        var connection = source.Connection;
        var (schema, fault) = ReadSchema(connection);
        if (fault is not null)
        {
            yield return fault;
        }

        walk = new PageWalk(context, connection, source.Data, WithoutLog);
        var found = walk.Run(schema, version);
        if (walk.Pages is not { } pages)
        {
            yield break;
        }

        foreach (var issue in found)
        {
            yield return issue;
        }

        if (schema is null)
        {
            yield break;
        }

        var checks = new (string Name, IEnumerable<IntegrityIssue> Issues)[]
        {
            ("pages and rows", new ContentChecks(context, connection, schema, pages, GuardedPart).Run()),
            ("foreign keys", new ForeignKeyChecks(context, connection, schema, GuardedPart).Run()),
            ("views", new ViewChecks(context, connection, schema).Run()),
            ("summaries", new SummaryChecks(context, connection, schema, context.Summary).Run()),
        };
        foreach (var issue in checks.SelectMany(check => Guarded(check.Name, check.Issues)))
        {
            yield return issue;
        }
    }

    /// <summary>The number that each change of the schema raises; null: it cannot be read.</summary>
    private uint? SchemaVersion(SqliteConnection connection)
    {
        try
        {
            using var command = connection.Prepare("PRAGMA schema_version");
            return (uint)(long)command.ExecuteScalar()!;
        }
        catch (SqliteException)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private (DatabaseSchema? Schema, IntegrityIssue? Fault) ReadSchema(SqliteConnection connection)
    {
        try
        {
            return (DatabaseSchema.Read(connection), null);
        }
        catch (SqliteException exception) when (exception.Message.Contains("malformed database schema", StringComparison.Ordinal))
        {
            var loaded = Version.Parse(SqliteRuntime.Version);
            var strict = loaded < FirstWithStrict && exception.Message.Contains("\"STRICT\"", StringComparison.OrdinalIgnoreCase);
            if (strict || (context.Header.WriterVersion > loaded && exception.Message.Contains("syntax error", StringComparison.Ordinal)))
            {
                return (null, Outdated(loaded, strict, exception.Message));
            }

            var broken = context.Issue(
                IssueTypes.DamagedPage,
                Severity.Critical,
                "schema",
                $"The schema cannot be read: {exception.Message.TrimEnd('.')}. What it declares there is out of reach: restore a backup, or salvage the file into a new one.",
                new FileEvidence { Detail = exception.Message, Page = 1, Table = "sqlite_schema" },
                key: exception.Message);

            // With it, SQLite passes over what it cannot parse and opens the rest.
            connection.Run("PRAGMA writable_schema = ON");
            return (DatabaseSchema.Read(connection), broken);
        }
    }

    private IntegrityIssue Outdated(Version loaded, bool strict, string message) => context.Issue(
        IssueTypes.OutdatedLibrary,
        Severity.High,
        $"sqlite:{loaded}",
        (strict
            ? $"The database has STRICT tables, which SQLite knows from {FirstWithStrict} on, and {loaded} is loaded: "
            : $"The database was written by SQLite {context.Header.WriterVersion}, and its schema uses what {loaded}, which is loaded, does not know: ")
        + $"only the file's bytes were checked, not its rows. Name a newer library in {SqliteRuntime.LibraryVariable}.",
        new SettingEvidence("sqlite", loaded.ToString(), strict ? FirstWithStrict.ToString() : context.Header.WriterVersion?.ToString(), message));

    // After others' doing all is read again: the other tables need not wait for it, too.
    private IEnumerable<IntegrityIssue> GuardedPart(string what, IEnumerable<IntegrityIssue> issues) => moved ? [] : Guarded(what, issues);

    private IEnumerable<IntegrityIssue> Guarded(string what, IEnumerable<IntegrityIssue> issues)
    {
        using var rest = issues.GetEnumerator();
        while (true)
        {
            SqliteException? fault = null;
            try
            {
                if (!rest.MoveNext())
                {
                    yield break;
                }
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                throw;
            }
            catch (SqliteException exception) when (IsOthersDoing(exception))
            {
                moved = true;
                yield break;
            }
            catch (SqliteException exception)
            {
                fault = exception;
            }

            if (fault is not null)
            {
                yield return ApplicationParts.Lacking(fault) is { } lacking ? Unchecked(what, lacking) : Broken(what, fault);
                yield break;
            }

            yield return rest.Current;
        }
    }

    // What a reader that may not write meets while others open, close and recover the log: no damage of the file, which is read again.
    private static bool IsOthersDoing(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_READONLY or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_PROTOCOL or raw.SQLITE_SCHEMA;

    private IntegrityIssue Unchecked(string what, string lacking) => context.Issue(
        IssueTypes.UncheckedConstraint,
        Severity.Info,
        "database",
        $"The check of {what} could not be made to its end here: {lacking}, which only the application has.",
        new FileEvidence { Detail = lacking },
        key: what);

    private IntegrityIssue Broken(string what, SqliteException exception) => context.Issue(
        exception.SqliteErrorCode == raw.SQLITE_NOTADB ? IssueTypes.NotADatabase : IssueTypes.DamagedPage,
        Severity.Critical,
        "database",
        $"The check of {what} broke off: {exception.Message.TrimEnd('.')}. Restore a backup, or salvage the file into a new one.",
        new FileEvidence { Detail = exception.Message },
        key: what);
}
