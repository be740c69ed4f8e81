using System.Globalization;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Ledger;

/// <summary>The connection that writes. Every member is called by the holder of the lock only.</summary>
internal sealed class LedgerWriter : IDisposable
{
    // Long enough that small appends rarely pay for one, short enough that a reader never searches a long log.
    private const long CheckpointSize = 4 << 20;
    private readonly string path;
    private readonly LedgerSeal seal;
    private readonly SqliteConnection connection;
    private readonly sqlite3_stmt insert;
    private readonly (ulong Inode, ulong Device)? file;

    public LedgerWriter(string path, LedgerSeal seal)
    {
        this.path = path;
        this.seal = seal;
        connection = LedgerConnection.OpenForWriting(path, seal);
        try
        {
            var head = ReadHead();
            LedgerConnection.CheckKey(path, seal, head);
            if (head.KeyId != seal.KeyId)
            {
                throw LedgerErrors.KeyMissing(path, "nothing can be appended");
            }

            file = FileIdentity.Of(path);
            Check(raw.sqlite3_prepare_v2(connection.Handle, LedgerSchema.InsertEvent, out insert));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public SqliteConnection Connection => connection;

    /// <summary>False when the file that is written to has its name no more: what is appended would stand where nobody looks (on Linux; Windows lets nobody move an open file).</summary>
    public bool IsInPlace => FileIdentity.Of(path) == file;

    /// <summary>Appends within one transaction, durable on return.</summary>
    public List<StoredEvent> Append(IReadOnlyList<LedgerEvent> events, string actor, DateTimeOffset at)
    {
        var moment = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var stored = new List<StoredEvent>(events.Count);
        connection.InTransaction(() => Insert(events, actor, moment, stored));
        return stored;
    }

    /// <summary>
    /// Moves the log into the file once the log is long; before an append, so that a failure here leaves nothing half told.
    /// TRUNCATE rather than PASSIVE, because only an empty log shows by its length that nothing is left to do; it waits for nobody:
    /// with readers in the way it moves what it can, and the next append tries again.
    /// </summary>
    public void CheckpointIfLong()
    {
        var log = new FileInfo(path + "-wal");
        if (log.Exists && log.Length > CheckpointSize)
        {
            Checkpoint();
        }
    }

    public void Checkpoint()
    {
        Check(raw.sqlite3_busy_timeout(connection.Handle, 0));
        var code = raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
        Check(raw.sqlite3_busy_timeout(connection.Handle, 5000));
        if (code is not raw.SQLITE_BUSY and not raw.SQLITE_LOCKED)
        {
            Check(code);
        }
    }

    public void Dispose()
    {
        raw.sqlite3_finalize(insert);
        connection.Dispose();
    }

    private void Insert(IReadOnlyList<LedgerEvent> events, string actor, string moment, List<StoredEvent> stored)
    {
        var head = ReadHead();
        var (number, hash) = (head.Number, head.Hash);
        foreach (var entry in events)
        {
            number++;
            var row = new StoredEvent
            {
                Number = number,
                At = moment,
                Actor = actor,
                Kind = entry.Kind,
                Store = entry.Store,
                ScanId = entry.ScanId,
                PlanId = entry.PlanId,
                ExecutionId = entry.ExecutionId,
                Subject = entry.Subject,
                Data = entry.Data.Utf8,
                KeyId = seal.KeyId,
                Sensitive = entry.Sensitive is not { } sensitive ? default : seal.KeyId is null ? sensitive.Utf8 : seal.Encrypt(sensitive.Utf8.Span, number),
                Previous = hash,
            };
            row.Hash = hash = seal.HashOf(row);
            Insert(row);
            stored.Add(row);
        }

        connection.Run(
            LedgerSql.UpdateHead, ("$number", number), ("$hash", hash),
            ("$seal", seal.HashOfHead(number, hash, head.BaseNumber, head.BaseHash)));
    }

    private LedgerHead ReadHead() => LedgerHead.Read(connection) ?? throw LedgerErrors.Unavailable(
        path, "has lost the record of its end", $"Run {CommandWords.Command("integrity audit verify", "Test-IntegrityAudit")} to see what was changed, and restore the ledger from a copy.");

    // Past the ADO.NET layer, because the bytes of ten thousand operations would become strings and back there.
    private void Insert(StoredEvent row)
    {
        Check(raw.sqlite3_bind_int64(insert, 1, row.Number));
        Bind(2, row.At);
        Bind(3, row.Actor);
        Bind(4, row.Kind);
        Bind(5, row.Store);
        Bind(6, row.ScanId);
        Bind(7, row.PlanId);
        Bind(8, row.ExecutionId);
        Bind(9, row.Subject);
        Check(raw.sqlite3_bind_text(insert, 10, row.Data.Span));
        Bind(11, row.KeyId);
        Check(row.Sensitive.IsEmpty ? raw.sqlite3_bind_null(insert, 12) : raw.sqlite3_bind_blob(insert, 12, row.Sensitive.Span));
        Check(raw.sqlite3_bind_blob(insert, 13, row.Previous));
        Check(raw.sqlite3_bind_blob(insert, 14, row.Hash));
        var code = raw.sqlite3_step(insert);
        try
        {
            if (code != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(code, connection.Handle);
            }
        }
        finally
        {
            // Its code repeats the step's, which was thrown above.
            _ = raw.sqlite3_reset(insert);
        }
    }

    private void Bind(int index, string? value) =>
        Check(value is null ? raw.sqlite3_bind_null(insert, index) : raw.sqlite3_bind_text(insert, index, value));

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, connection.Handle);
}
