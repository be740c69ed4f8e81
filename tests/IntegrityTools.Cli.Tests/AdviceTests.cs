using System.Text.RegularExpressions;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Cli.Tests;

/// <summary>A command that this program advises is one that it knows.</summary>
public sealed partial class AdviceTests : IDisposable
{
    private readonly CliFolder cli = new(1);

    public void Dispose() => cli.Dispose();

    [Theory]
    [InlineData("wasteful.db", "PRAGMA auto_vacuum = NONE; CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(30000000)); DELETE FROM t", "VACUUM")]
    [InlineData("it's wasteful.db", "PRAGMA auto_vacuum = INCREMENTAL; CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(30000000)); DELETE FROM t", "integrity optimize")]
    [InlineData("none.db", null, "integrity scan")]
    public async Task What_health_advises_for_a_SQLite_database_can_be_run_as_it_stands(string name, string? make, string expected)
    {
        if (make is null)
        {
            await File.WriteAllBytesAsync(cli.At(name), new byte[5000]);
        }
        else
        {
            Run(name, make);
        }

        var advised = await AdvisedAsync(name);
        Assert.Contains(advised, command => command.Contains(expected, StringComparison.Ordinal));
        foreach (var command in advised.Where(command => command.StartsWith("integrity ", StringComparison.Ordinal)))
        {
            var words = Words().Matches(command.Replace("FOLDER", "backups", StringComparison.Ordinal))
                .Select(word => word.Value.Replace("'\\''", "\0", StringComparison.Ordinal).Replace("'", null, StringComparison.Ordinal).Replace('\0', '\'')).Skip(1).ToArray();
            var result = await cli.RunAsync(words);
            Assert.True(make is null || result.Code is 0, $"{command}: {result.Error}");
            Assert.NotEqual(2, result.Code);
        }

        if (expected == "integrity optimize")
        {
            Assert.DoesNotContain(await AdvisedAsync(name), command => command.Contains(expected, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_health_advises_lost_the_configuration_and_the_ledger_that_it_was_asked_with()
    {
        await File.WriteAllTextAsync(cli.At("other.yaml"), "resolution: {}\n");
        string[] places = ["--config", "other.yaml", "--ledger", "other.db"];
        (await cli.RunAsync(["scan", "couchdump:demo.jsonl", .. places])).Expect(0);

        var text = await cli.RunAsync(["health", "couchdump:demo.jsonl", .. places]);
        var commands = await AdvisedAsync("couchdump:demo.jsonl", places);

        Assert.NotEmpty(commands);
        Assert.All(commands, command =>
        {
            Assert.EndsWith(" --config other.yaml --ledger other.db", command, StringComparison.Ordinal);
            Assert.Contains(command, text.Error, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Every_command_that_a_message_names_has_a_help_page()
    {
        var source = Path.Combine(Root(), "src");
        var named = Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(File.ReadLines).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Named().Matches(line)).Select(match => match.Groups["verbs"].Value).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Contains("backup list", named);
        foreach (var verbs in named)
        {
            var help = (await cli.RunAsync([.. verbs.Split(' '), "--help"])).Expect(0);
            Assert.Contains("integrity " + verbs, help.Output, StringComparison.Ordinal);
        }
    }

    private async Task<List<string>> AdvisedAsync(string name, params string[] places) =>
        [.. (await cli.RunAsync(["health", name, "--output", "json", .. places])).Json.GetProperty("recommendations").EnumerateArray().Select(advice => advice.GetProperty("command").GetString()!)];

    private void Run(string name, string statements)
    {
        SqliteRuntime.Initialize();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = cli.At(name), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "IntegrityTools.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"('([^']|'\\'')*'|[^\s'])+")]
    private static partial Regex Words();

    [GeneratedRegex(@"(?<!\\)[""'(]integrity (?<verbs>(audit|issues|plans|reports|summary|backup (?=test|list)|schedule|token) ?[a-z]+|[a-z]+)\b(?! *=)", RegexOptions.ExplicitCapture)]
    private static partial Regex Named();
}
