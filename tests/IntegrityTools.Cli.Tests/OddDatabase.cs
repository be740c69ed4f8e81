using System.Security.Cryptography;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>A SQLite file that is not as it should be, or stands where it cannot be read or written, and how the program is run there.</summary>
internal sealed class OddDatabase : IDisposable
{
    private const string Events = """
        CREATE TABLE scan_paths(id INTEGER PRIMARY KEY);
        CREATE TABLE events(id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL, event_data JSON,
            event_version INTEGER DEFAULT 1, created_at DATETIME, user_id TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
            INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data, created_at) SELECT 'corruption', 'c' || i, 'CorruptionDetected', '{"file_path":"/a"}', '2026' FROM n;
        CREATE TABLE parent(id INTEGER PRIMARY KEY);
        CREATE TABLE filler(b);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO filler SELECT randomblob(9000) FROM n;
        CREATE TABLE child(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id));
        CREATE INDEX child_parent ON child(parent_id);
        INSERT INTO child VALUES (1, 12345);
        """;

    private readonly CliFolder cli;
    private readonly List<IDisposable> held = [];

    public OddDatabase(CliFolder cli)
    {
        this.cli = cli;
        Directory.CreateDirectory(cli.At("data"));
        Directory.CreateDirectory(cli.At("tmp"));
        Directory.CreateDirectory(cli.At("out"));
        Environment["INTEGRITY_LEDGER"] = cli.At("ledger/ledger.db");
        Environment["TMPDIR"] = cli.At("tmp");
        Environment["DOTNET_EnableDiagnostics"] = "0"; // The runtime's own pipes in TMPDIR.
        Run(cli.At("good.db"), Events);
    }

    /// <summary>The variables of the program.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The command by which it is run; empty: as it is.</summary>
    public string[] Through { get; private set; } = [];

    /// <summary>Runs a statement as an application.</summary>
    public static void Run(string path, string sql)
    {
        Sqlite.SqliteRuntime.Initialize();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1, ForeignKeys = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        held.Reverse();
        held.ForEach(thing => thing.Dispose());
        if (!OperatingSystem.IsWindows() && Directory.Exists(cli.At("data")))
        {
            // Only root removes what is in a folder that may not be written.
            File.SetUnixFileMode(cli.At("data"), (UnixFileMode)0b111_111_111);
        }
    }

    /// <summary>Makes the file of that kind, and tells its path.</summary>
    public string Make(string kind)
    {
        var path = cli.At("data/app.db");
        switch (kind)
        {
            case "zero bytes":
                File.WriteAllBytes(path, []);
                break;
            case "text":
                File.WriteAllText(path, string.Concat(Enumerable.Repeat("Dear diary, today I was no database.\n", 400)));
                break;
            case "encrypted":
                File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(65536));
                break;
            case "a folder":
                Directory.CreateDirectory(path);
                break;
            case "missing":
                break;
            case "a link that leads nowhere":
                File.CreateSymbolicLink(path, "none.db");
                break;
            case "a link":
                File.Copy(cli.At("good.db"), cli.At("data/real.db"));
                File.CreateSymbolicLink(path, "real.db");
                break;
            case "spaces and quotes":
                path = cli.At("data/it's \"a\" b%20?c#;.db");
                File.Copy(cli.At("good.db"), path);
                break;
            case "a full disk for the ledger":
                File.Copy(cli.At("good.db"), path);
                Fill("ledger", 4000, "ledger");
                break;
            case "a full disk for what is written":
                File.Copy(cli.At("good.db"), path);
                Fill("out", 1000, null);
                break;
            default:
                Hinder(kind, path);
                break;
        }

        return path;
    }

    private void Hinder(string kind, string path)
    {
        switch (kind)
        {
            case "locked":
                File.Copy(cli.At("good.db"), path);
                var other = new Session(path);
                held.Add(other);
                other.Run("BEGIN EXCLUSIVE");
                break;
            case "a read-only medium":
                var medium = SmallDisk.Mount(cli.At("data"), 8000);
                held.Add(medium);
                File.Copy(cli.At("good.db"), path);
                medium.SetReadOnly();
                break;
            case "a read-only folder" or "unreadable":
                File.Copy(cli.At("good.db"), path);
                if (!OperatingSystem.IsWindows())
                {
                    LowerRights();
                    File.SetUnixFileMode(path, kind == "unreadable" ? UnixFileMode.None : UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
                    File.SetUnixFileMode(cli.At("data"), (UnixFileMode)0b101_101_101);
                }

                break;
            case "an unreadable log":
                File.Copy(cli.At("good.db"), path);
                File.WriteAllBytes(path + "-wal", new byte[32]);
                if (!OperatingSystem.IsWindows())
                {
                    LowerRights();
                    File.SetUnixFileMode(path + "-wal", UnixFileMode.None);
                }

                break;
            case "another account":
                File.Copy(cli.At("good.db"), path);
                LowerRights();
                break;
            case "a full disk":
                Fill("data", 3900, null);
                File.Copy(cli.At("good.db"), path);
                File.WriteAllBytes(cli.At("data/rest"), new byte[(int)new DriveInfo(cli.At("data")).AvailableFreeSpace]);
                break;
            case "a disk that breaks":
                // No write goes past the first megabyte of a file: SQLite is told of an I/O error, not of a full disk. The signal
                // that comes with it ends who does not ask to go on.
                File.Copy(cli.At("good.db"), path);
                Environment["DOTNET_EnableWriteXorExecute"] = "0";
                Through = ["bash", "-c", "ulimit -f 1024; exec \"$@\"", "bash"];
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown");
        }
    }

    // Root may do everything: then the program runs as nobody.
    private void LowerRights()
    {
        if (System.Environment.UserName != "root" || OperatingSystem.IsWindows())
        {
            return;
        }

        Skip.IfNot(File.Exists("/usr/bin/setpriv"), "needs setpriv to give up root's rights");
        foreach (var entry in Directory.EnumerateFileSystemEntries(cli.Path, "*", SearchOption.AllDirectories).Append(cli.Path))
        {
            File.SetUnixFileMode(entry, (UnixFileMode)0b111_111_111);
        }

        Environment["HOME"] = cli.Path;
        Through = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    }

    private void Fill(string folder, int kilobytes, string? ledger)
    {
        held.Add(SmallDisk.Mount(cli.At(folder), kilobytes));
        if (ledger is not null)
        {
            File.WriteAllBytes(cli.At($"{folder}/rest"), new byte[(int)new DriveInfo(cli.At(folder)).AvailableFreeSpace]);
        }
    }
}
