using System.Security.Cryptography;

namespace IntegrityTools.Cli.Tests;

/// <summary>Every verb that takes a SQLite file, as a process of its own, over every file that is not as it should be.</summary>
public sealed class OddDatabaseTests : IDisposable
{
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
    private readonly OddDatabase place;

    public OddDatabaseTests() => place = new OddDatabase(cli);

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
        { "an unreadable log", "cannot be read|denied", "scan 1, plan 1, repair 1, backup 1, restore 1, salvage 1, optimize 1, health 1, install 1, test 1, update 1" },
        { "a full disk", "full|No space|differs|used", "scan 0, plan 0, repair 1, backup 0, restore 1, salvage 0, optimize 1, health 3, install 1, test 3, update 1" },
        { "a full disk for what is written", "full|No space|differs", "scan 0, plan 0, repair 0+, backup 1, restore 0+, salvage 1, optimize 0+, health 0, install 0+, test 3, update 0+" },
        { "a disk that breaks", "I/O error|File too large|too large|differs", "scan 0, plan 0, repair 1, backup 1, restore 1, salvage 1, optimize 1, health 0, install 1, test 3, update 1" },
        { "a full disk for the ledger", "ledger.*full|full.*ledger", "scan 1, plan 1, repair 1, backup 1, restore 1, salvage 0, optimize 1, health 1, install 1, test 1, update 1" },
    };

    public void Dispose()
    {
        place.Dispose();
        cli.Dispose();
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_verb_does_its_work_or_says_what_is_wrong_and_what_to_do_and_leaves_nothing_behind(string kind, string told, string expected)
    {
        Skip.If(OperatingSystem.IsWindows(), "Rights and links are others there.");
        var codes = expected.Split(", ").Select(pair => pair.Split(' ')).Select(pair => (pair[0], pair[1])).ToList();
        if (kind != "locked")
        {
            await CheckAsync(kind, told, codes);
            return;
        }

        // Each waits for the lock as long as it may: side by side, with a folder of its own.
        await Task.WhenAll(codes.Select(async code =>
        {
            using var own = new OddDatabaseTests();
            await own.CheckAsync(kind, told, [code]);
        }));
    }

    private async Task CheckAsync(string kind, string told, List<(string Verb, string Code)> codes)
    {
        (await cli.RunAsync(place.Environment, ["backup", "good.db", "--to", "good"])).Expect(0);
        var good = Directory.GetFiles(cli.At("good"), "*.manifest.json").Single();
        var database = place.Make(kind);
        foreach (var (verb, code) in codes)
        {
            var before = Trace(cli.At("data"));
            var arguments = Verbs[verb].Select(word => word.Replace("{db}", database, StringComparison.Ordinal)
                .Replace("{out}", cli.At("out"), StringComparison.Ordinal).Replace("{good}", good, StringComparison.Ordinal)).ToArray();

            var result = place.Through.Length > 0 ? await cli.RunThroughAsync(place.Through, place.Environment, arguments) : await cli.RunAsync(place.Environment, arguments);

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
                OddDatabase.Run(database, "SELECT count(*) FROM sqlite_master");
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
            foreach (var made in Directory.GetFiles(cli.At("out"), "new.db*"))
            {
                File.Delete(made);
            }
        }
    }

    [SkippableFact]
    public async Task Where_programs_of_other_accounts_cannot_be_looked_at_a_restore_and_its_undo_say_so()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Which process has a file open is known on Linux.");
        (await cli.RunAsync(place.Environment, ["backup", "good.db", "--to", "good"])).Expect(0);
        var database = place.Make("another account");
        foreach (var confirm in new[] { "--quiet", "--confirm" })
        {
            var result = (await cli.RunThroughAsync(place.Through, place.Environment, ["restore", "good", "--to", database, "--overwrite", "--output", "json", confirm])).Expect(0);
            Assert.Contains("Programs of other accounts could not be looked at", result.Json.GetProperty("remarks")[0].GetString(), StringComparison.Ordinal);
        }

        var undo = (await cli.RunThroughAsync(place.Through, place.Environment, ["undo", await cli.LastExecutionAsync(place.Environment), "--confirm", "--output", "json"])).Expect(0);
        Assert.Contains("Programs of other accounts", undo.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zero bytes")]
    [InlineData("text")]
    [InlineData("encrypted")]
    public async Task A_backup_that_was_overwritten_is_told_by_its_test_with_its_file(string kind)
    {
        (await cli.RunAsync(place.Environment, ["backup", "good.db", "--to", "good"])).Expect(0);
        var saved = Directory.GetFiles(cli.At("good"), "*.db").Single();
        File.Copy(place.Make(kind), saved, overwrite: true);
        var before = Trace(cli.At("good"));

        var result = (await cli.RunAsync(place.Environment, ["backup", "test", "good"])).Expect(1);

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
        var back = await cli.RunAsync(place.Environment, ["undo", undo, "--confirm"]);
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

    private static string Trace(string folder) => string.Join('\n', new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .OrderBy(entry => entry.Name, StringComparer.Ordinal)
        .Select(entry => $"{entry.Name} {entry.LinkTarget} {(entry is FileInfo file ? Content(file) : "-")}"));

    // A file that may not be read is known by its length, and by when it was written.
    private static string Content(FileInfo file)
    {
        try
        {
            return file.ResolveLinkTarget(returnFinalTarget: true)?.Exists ?? true ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file.FullName))) : "-";
        }
        catch (UnauthorizedAccessException)
        {
            return $"{file.Length}/{file.LastWriteTimeUtc.Ticks}";
        }
    }
}
