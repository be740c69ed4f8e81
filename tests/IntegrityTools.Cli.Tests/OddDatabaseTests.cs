using System.Security.Cryptography;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>Every verb that takes a SQLite file, as a process of its own, over every file that is not as it should be.</summary>
public sealed class OddDatabaseTests : IDisposable
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

    private static readonly Dictionary<string, string[]> Verbs = new()
    {
        ["scan"] = ["scan", "{db}", "--fail-on", "critical"],
        ["plan"] = ["plan", "{db}"],
        ["repair"] = ["resolve", "{db}", "--type", "foreign_key_violation,not_a_database", "--confirm"],
        ["backup"] = ["backup", "{db}", "--to", "{out}/backups"],
        ["restore"] = ["restore", "{good}", "--to", "{db}", "--overwrite", "--confirm"],
        ["salvage"] = ["salvage", "{db}", "--to", "{out}/new.db"],
        ["optimize"] = ["optimize", "{db}", "--confirm"],
        ["health"] = ["health", "{db}", "--fail-on", "unhealthy"],
        ["install"] = ["summary", "install", "{db}", "--definition", "healarr", "--confirm"],
        ["test"] = ["summary", "test", "{db}", "--definition", "healarr"],
        ["update"] = ["summary", "update", "{db}", "--definition", "healarr", "--confirm"],
    };

    private readonly CliFolder cli = new(1);
    private readonly List<IDisposable> held = [];
    private readonly Dictionary<string, string> environment = [];
    private string[] through = [];
    private readonly string output;

    public OddDatabaseTests()
    {
        Directory.CreateDirectory(cli.At("data"));
        Directory.CreateDirectory(cli.At("tmp"));
        output = Directory.CreateDirectory(cli.At("out")).FullName;
        environment["INTEGRITY_LEDGER"] = cli.At("ledger/ledger.db");
        environment["TMPDIR"] = cli.At("tmp");
        environment["DOTNET_EnableDiagnostics"] = "0"; // The runtime's own pipes in TMPDIR.
        using var connection = Open(cli.At("good.db"));
        Execute(connection, Events);
    }

    /// <summary>The kind of file, what each message that refuses has to say, and by verb the exit code; a verb with + may change the database, and is then taken back.</summary>
    public static TheoryData<string, string, string> Kinds => new()
    {
        { "zero bytes", "empty|0 bytes", "scan 3, plan 0, repair 0, backup 4, restore 0+, salvage 1, optimize 4, health 3, install 4, test 4, update 4" },
        { "text", "does not begin as a SQLite database|looks like a page", "scan 3, plan 0, repair 0, backup 4, restore 0+, salvage 1, optimize 4, health 3, install 4, test 4, update 4" },
        { "encrypted", "encrypted", "scan 3, plan 0, repair 0, backup 4, restore 0+, salvage 1, optimize 4, health 3, install 4, test 4, update 4" },
        { "a folder", "is a folder", "scan 1, plan 1, repair 1, backup 1, restore 1, salvage 1, optimize 1, health 1, install 1, test 1, update 1" },
        { "missing", "There is no", "scan 1, plan 1, repair 1, backup 1, restore 0+, salvage 1, optimize 1, health 1, install 1, test 1, update 1" },
        { "a link that leads nowhere", "There is no", "scan 1, plan 1, repair 1, backup 1, restore 0+, salvage 1, optimize 1, health 1, install 1, test 1, update 1" },
        { "a link", "no trigger|differs", "scan 0, plan 0, repair 0+, backup 0, restore 0+, salvage 0, optimize 0+, health 0, install 0+, test 3, update 0+" },
        { "spaces and quotes", "differs", "scan 0, plan 0, repair 0+, backup 0, restore 0+, salvage 0, optimize 0+, health 0, install 0+, test 3, update 0+" },
        { "locked", "locked|Another process", "scan 0, plan 0, repair 1, backup 1, restore 4, salvage 0, optimize 1, health 0, install 1, test 3, update 1" },
        { "a read-only medium", "Read-only|readonly|may not be written|differs", "scan 0, plan 0, repair 1, backup 0, restore 1, salvage 0, optimize 1, health 0, install 1, test 3, update 1" },
        { "a read-only folder", "denied|readonly|may not be written|differs", "scan 0, plan 0, repair 1, backup 0, restore 1, salvage 0, optimize 1, health 0, install 1, test 3, update 1" },
        { "unreadable", "cannot be read|denied", "scan 1, plan 1, repair 1, backup 1, restore 1, salvage 1, optimize 1, health 1, install 1, test 1, update 1" },
        { "a full disk", "full|No space|differs|used", "scan 0, plan 0, repair 1, backup 0, restore 1, salvage 0, optimize 1, health 3, install 1, test 3, update 1" },
        { "a full disk for what is written", "full|No space|differs", "scan 0, plan 0, repair 0+, backup 1, restore 0+, optimize 0+, health 0, install 0+, test 3, update 0+" },
        { "a disk that breaks", "I/O error|File too large|too large|differs", "scan 0, plan 0, repair 1, backup 1, restore 1, optimize 1, health 0, install 1, test 3, update 1" },
        { "a full disk for the ledger", "ledger.*full|full.*ledger", "scan 1, plan 1, repair 1, backup 1, restore 1, optimize 1+, health 1, install 1, test 1, update 1" },
    };

    public void Dispose()
    {
        held.Reverse();
        held.ForEach(thing => thing.Dispose());
        cli.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_verb_does_its_work_or_says_what_is_wrong_and_what_to_do_and_leaves_nothing_behind(string kind, string told, string expected)
    {
        Skip.If(OperatingSystem.IsWindows(), "Rights and links are others there.");
        (await cli.RunAsync(environment, ["backup", "good.db", "--to", "good"])).Expect(0);
        var good = Directory.GetFiles(cli.At("good"), "*.manifest.json").Single();
        var database = Make(kind);
        foreach (var (verb, code) in expected.Split(", ").Select(pair => pair.Split(' ')).Select(pair => (pair[0], pair[1])))
        {
            var before = Trace(cli.At("data"));
            var arguments = Verbs[verb].Select(word => word.Replace("{db}", database, StringComparison.Ordinal)
                .Replace("{out}", output, StringComparison.Ordinal).Replace("{good}", good, StringComparison.Ordinal)).ToArray();

            var result = through.Length > 0 ? await cli.RunThroughAsync(through, environment, arguments) : await cli.RunAsync(environment, arguments);

            var all = $"{kind}, {verb}: exit code {result.Code}\n{result.Output}\n{result.Error}";
            Assert.True(code.TrimEnd('+') == $"{result.Code}", all);
            Assert.False(all.Contains("   at ", StringComparison.Ordinal) || all.Contains("Unexpected", StringComparison.Ordinal), all);
            if (result.Code != 0)
            {
                Assert.Matches(told, all);
            }

            if (result.Code is 1 or 2 or 4)
            {
                Assert.Contains("Next:", result.Error, StringComparison.Ordinal);
                Assert.Matches("On: +/", result.Error);
            }

            if (kind == "a disk that breaks")
            {
                // What SQLite could not take back itself, the next one that opens the database does by its journal.
                using var mending = Open(database);
                Execute(mending, "SELECT count(*) FROM sqlite_master");
            }

            if (code.EndsWith('+'))
            {
                await TakeBackAsync(verb, result, before, all);
            }
            else
            {
                Assert.True(before == Trace(cli.At("data")), $"{all}\n{before}\n--- now\n{Trace(cli.At("data"))}");
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(cli.At("tmp")));
            Assert.Empty(Directory.EnumerateFiles(cli.Path, "*.tmp*", SearchOption.AllDirectories));
            foreach (var made in Directory.GetFiles(output, "new.db*"))
            {
                File.Delete(made);
            }
        }
    }

    [Theory]
    [InlineData("zero bytes")]
    [InlineData("text")]
    [InlineData("encrypted")]
    public async Task A_backup_that_was_overwritten_is_told_by_its_test_with_its_file(string kind)
    {
        (await cli.RunAsync(environment, ["backup", "good.db", "--to", "good"])).Expect(0);
        var saved = Directory.GetFiles(cli.At("good"), "*.db").Single();
        File.Copy(Make(kind), saved, overwrite: true);
        var before = Trace(cli.At("good"));

        var result = (await cli.RunAsync(environment, ["backup", "test", "good"])).Expect(1);

        Assert.Contains(Path.GetFileName(saved), result.Output + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, Trace(cli.At("good")));
    }

    // What was written to the database is undone by the word that the command itself gives; statistics are no data.
    private async Task TakeBackAsync(string verb, CliResult result, string before, string all)
    {
        if (verb == "optimize")
        {
            return;
        }

        var undo = (result.Error + result.Output).Split('\n').Single(line => line.StartsWith("To take it back: integrity undo ", StringComparison.Ordinal)).Split(' ')[6];
        var back = await cli.RunAsync(environment, ["undo", undo, "--confirm"]);
        Assert.True(back.Code == 0, $"{all}\n{back.Error}");
        if (verb == "restore")
        {
            Assert.Equal(before, Trace(cli.At("data")));
        }
        else
        {
            Assert.Equal(Names(before), Names(Trace(cli.At("data"))));
        }
    }

    private static string Names(string trace) => string.Join('\n', trace.Split('\n').Select(line => line[..line.LastIndexOf(' ')]));

    private string Make(string kind)
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
            case "a full disk":
                Fill("data", 3900, null);
                File.Copy(cli.At("good.db"), path);
                File.WriteAllBytes(cli.At("data/rest"), new byte[(int)new DriveInfo(cli.At("data")).AvailableFreeSpace]);
                break;
            case "a disk that breaks":
                // No write goes past the first megabyte of a file: SQLite is told of an I/O error, not of a full disk.
                File.Copy(cli.At("good.db"), path);
                environment["DOTNET_EnableWriteXorExecute"] = "0";
                through = ["bash", "-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "bash"];
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown");
        }
    }

    // Root may do everything: then the program runs as nobody.
    private void LowerRights()
    {
        if (Environment.UserName != "root" || OperatingSystem.IsWindows())
        {
            return;
        }

        Skip.IfNot(File.Exists("/usr/bin/setpriv"), "needs setpriv to give up root's rights");
        foreach (var entry in Directory.EnumerateFileSystemEntries(cli.Path, "*", SearchOption.AllDirectories).Append(cli.Path))
        {
            File.SetUnixFileMode(entry, (UnixFileMode)0b111_111_111);
        }

        environment["HOME"] = cli.Path;
        through = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    }

    private void Fill(string folder, int kilobytes, string? ledger)
    {
        held.Add(SmallDisk.Mount(cli.At(folder), kilobytes));
        if (ledger is not null)
        {
            File.WriteAllBytes(cli.At($"{folder}/rest"), new byte[(int)new DriveInfo(cli.At(folder)).AvailableFreeSpace]);
        }
    }

    private static string Trace(string folder) => string.Join('\n', new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .OrderBy(entry => entry.Name, StringComparer.Ordinal)
        .Select(entry => $"{entry.Name} {entry.LinkTarget} {(entry is FileInfo file && CanRead(file) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))) : "-")}"));

    private static bool CanRead(FileInfo file) => file.ResolveLinkTarget(returnFinalTarget: true)?.Exists ?? true;

    private static SqliteConnection Open(string path)
    {
        Sqlite.SqliteRuntime.Initialize();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1, ForeignKeys = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
