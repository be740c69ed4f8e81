using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Ledger;

/// <summary>Opens the ledger's file and knows whether it is one that this version can read.</summary>
internal static class LedgerConnection
{
    private const int NeedsRollback = raw.SQLITE_READONLY | (3 << 8);

    /// <summary>
    /// A connection that reads; null when there is no ledger yet. Makes no file. Of an older ledger the present state is worked out
    /// beside it, until the first append brings it into this version's form.
    /// </summary>
    public static SqliteConnection? OpenForReading(string path) => OpenForReading(path, out _);

    /// <summary>As <see cref="OpenForReading(string)"/>; <paramref name="shadowed"/> when it has worked out the state of an older ledger, which it does not see go on.</summary>
    public static SqliteConnection? OpenForReading(string path, out bool shadowed)
    {
        shadowed = false;
        if (!File.Exists(path))
        {
            return null;
        }

        var connection = Open(path, SqliteOpenMode.ReadOnly);
        try
        {
            switch (VersionOf(connection, path))
            {
                case 0:
                    connection.Dispose();
                    return null;
                case < LedgerSchema.Version:
                    connection.Run(LedgerSchema.Shadow());
                    shadowed = true;
                    return connection;
                default:
                    return connection;
            }
        }
        catch (SqliteException failure) when (failure.SqliteExtendedErrorCode == NeedsRollback)
        {
            // Only its very first write leaves a rollback journal: the power went before there was a ledger. The first append tidies up.
            connection.Dispose();
            return null;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A ledger of no events, in memory.</summary>
    public static SqliteConnection Empty()
    {
        var connection = Open(":memory:", SqliteOpenMode.Memory);
        connection.Run(LedgerSchema.Create());
        return connection;
    }

    /// <summary>A connection that writes, its tables made when they are missing. The caller holds the lock.</summary>
    public static SqliteConnection OpenForWriting(string path, LedgerSeal seal)
    {
        // The file is made here rather than by SQLite, which would let everybody read it; its -wal and -shm take over its mode. One that is there is left
        // alone: with a file's descriptor that is closed a process gives up all locks that it has on it, those of its other connections too.
        if (!File.Exists(path))
        {
            LedgerFiles.Open(path, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose();
        }

        var connection = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            connection.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;");
            var version = VersionOf(connection, path);
            if (version is > 0 and < LedgerSchema.Version)
            {
                connection.InTransaction(() => connection.Run(LedgerSchema.Upgrade()));
            }
            else if (version == 0)
            {
                connection.InTransaction(() =>
                {
                    connection.Run(LedgerSchema.Create());
                    var start = new byte[LedgerSeal.HashSize];
                    connection.Run(
                        LedgerSql.InsertHead, ("$hash", start), ("$key", seal.KeyId), ("$seal", seal.HashOfHead(0, start, 0, start)));
                });
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Refuses a key that is not the ledger's, and one for a ledger that was begun without.</summary>
    public static void CheckKey(string path, LedgerSeal seal, LedgerHead head)
    {
        if (seal.KeyId is not null && head.KeyId is null)
        {
            throw LedgerErrors.Unavailable(
                path, "was begun without a key", "Move it aside to begin one that is sealed, or take the key out of the configuration.");
        }

        if (seal.KeyId is not null && head.KeyId != seal.KeyId)
        {
            throw LedgerErrors.Unavailable(path, "is sealed with another key", "Configure the key with which it was begun.");
        }
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        SqliteRuntime.Initialize();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        try
        {
            connection.OpenFile(path);

            // SQLite would checkpoint when the last connection closes, which is outside the lock for a reader.
            connection.LeaveLogOnClose();
            connection.Run("PRAGMA busy_timeout = 5000;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The version of the ledger's tables; 0 when it has none yet.</summary>
    public static int VersionOf(SqliteConnection connection, string path)
    {
        using var command = connection.Prepare(LedgerSql.Identity);
        using var reader = command.ExecuteReader();
        reader.Read();
        var (version, application, objects) = (reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2));
        if (objects == 0)
        {
            return 0;
        }

        if (application != LedgerSchema.ApplicationId)
        {
            throw LedgerErrors.Unavailable(path, "is another program's database", $"Move it away, or {LedgerErrors.AnotherFile}.");
        }

        return version <= LedgerSchema.Version
            ? version
            : throw LedgerErrors.Unavailable(
                path,
                $"was written by a newer version of this program (its format is {version}, this one knows {LedgerSchema.Version})",
                $"Update this program, or {LedgerErrors.AnotherFile}.");
    }
}
