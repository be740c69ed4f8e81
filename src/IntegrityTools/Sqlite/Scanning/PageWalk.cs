using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Format;
using IntegrityTools.Sqlite.Salvage;
using IntegrityTools.Sqlite.Schema;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>Goes through the pages of a database by a reader of our own, while SQLite keeps others from changing them.</summary>
/// <param name="context">What every check is given.</param>
/// <param name="connection">The database.</param>
/// <param name="data">The files that are read.</param>
/// <param name="withoutLog">True to leave a log out.</param>
internal sealed class PageWalk(CheckContext context, SqliteConnection connection, DatabaseFiles data, bool withoutLog = false) : IDisposable
{
    private static readonly AsyncLocal<Action?> Watcher = new();
    private PageFile? file;

    /// <summary>For tests: told when the header was read, and the pages are gone through next.</summary>
    internal static Action? Holds
    {
        get => Watcher.Value;
        set => Watcher.Value = value;
    }

    /// <summary>True when the log was begun anew meanwhile, so that what was found may be torn.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>The checks that went through them, which know more of each page; null when the header makes no sense of any.</summary>
    public PageChecks? Pages { get; private set; }

    /// <summary>
    /// Goes through the pages within a transaction, and reads the log within it too: no checkpoint can then put pages into the file that the log as
    /// it was read does not have. A log that is begun anew all the same, since all of it stood in the file, is noticed by its salt.
    /// </summary>
    /// <param name="schema">The schema as SQLite reads it; null: it cannot.</param>
    /// <param name="version">The number of that schema. The pages may be of a later moment, and are then held against their own.</param>
    public IReadOnlyList<IntegrityIssue> Run(DatabaseSchema? schema, uint? version)
    {
        var before = WalFile.ReadSalt(data.Wal);
        var begins = raw.sqlite3_get_autocommit(connection.Handle) != 0;
        if (begins)
        {
            connection.Run("BEGIN");
        }

        try
        {
            using var first = connection.Prepare("SELECT 1 FROM sqlite_master LIMIT 1");
            first.ExecuteScalar();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_ERROR or raw.SQLITE_NOTADB)
        {
            // What SQLite cannot read, the reader of our own may; nothing is held then, and the files' times tell whether they moved.
        }

        try
        {
            file = PageFile.Open(data.Path);
            if (Use(file) is not { } header)
            {
                return [];
            }

            Holds?.Invoke();
            Pages = new PageChecks(context, file, header, schema is not null && header.SchemaCookie == version ? schema : OwnSchema(file, header));
            return context.Wants(IssueTypes.DamagedPage) ? Pages.Run() : [];
        }
        finally
        {
            if (begins)
            {
                connection.Run("ROLLBACK");
            }

            HasMoved = WalFile.ReadSalt(data.Wal) != before;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    /// <summary>Puts the log in force, and says how many pages there are; null when the header makes no sense of any.</summary>
    private DatabaseHeader? Use(PageFile pages)
    {
        Span<byte> bytes = stackalloc byte[DatabaseHeader.Length];
        if (DatabaseHeader.Parse(bytes[..pages.ReadBytes(0, bytes)]) is not { PageSize: > 0 } own)
        {
            return null;
        }

        var wal = withoutLog ? null : WalFile.Read(data.Wal, own.PageSize, everything: false, context.Cancellation);
        wal = wal is { Commits: > 0 } && wal.PageSize == own.PageSize ? wal : null;
        var header = wal?.Header ?? own;
        if (!header.IsReadable)
        {
            return null;
        }

        var there = (uint)Math.Min(uint.MaxValue - 1, pages.FileLength / own.PageSize);
        pages.Use(own.PageSize, header.Usable, wal?.PagesAfter ?? (own.CountsPages ? Math.Min(own.PageCount, there) : there), PageOverlay.Of(wal));
        return header;
    }

    private DatabaseSchema OwnSchema(PageFile from, DatabaseHeader header)
    {
        var leaves = new PageUses(from, header, [1], context.Cancellation).Walk()
            .Where(use => use is { First: true, Use: { Root: 1, Kind: PageUseKind.Root or PageUseKind.Tree, Fault: null } }).Select(use => use.Use.Page).ToList();
        return DatabaseSchema.Of(new SchemaRows(from, new PageAtlas(from.PageCount), header.Encoding).Read(leaves)
            .Select(entry => new SchemaObject(entry.Type, entry.Name, entry.Table, entry.Root, entry.Sql)));
    }
}
