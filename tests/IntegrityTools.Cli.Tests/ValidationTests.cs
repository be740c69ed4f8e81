namespace IntegrityTools.Cli.Tests;

public sealed class ValidationTests
{
    [Fact]
    public async Task A_dump_is_validated_and_mended_from_the_command_line()
    {
        using var folder = new CliFolder(10);
        await File.WriteAllTextAsync(folder.At("apps.jsonl"), """
            [{"_id":"a","_rev":"1-a","@type":"App","host":"gone","n":1.50},{"_id":"b","_rev":"1-a","@type":"App","host":"a"}]

            """);
        await File.WriteAllTextAsync(folder.At("rules.yaml"), """
            validation:
              references: [ { document_type: App, path: host, repair: clear } ]

            """);
        string[] rules = ["--config", folder.At("rules.yaml")];

        var found = (await folder.RunAsync(["scan", "couchdump:" + folder.At("apps.jsonl"), "--type", "validation", "--fail-on", "high", "--output", "jsonl", .. rules])).Expect(3);
        var issue = Assert.Single(found.JsonLines);
        Assert.Equal("missing_reference", issue.GetProperty("type").GetString());
        Assert.Equal("host", issue.GetProperty("evidence").GetProperty("faults")[0].GetProperty("path").GetString());
        Assert.True(issue.GetProperty("can_auto_resolve").GetBoolean());

        (await folder.RunAsync(["resolve", "--scan", issue.GetProperty("scan_id").GetString()!, "--confirm", "--to", folder.At("mended.jsonl"), .. rules])).Expect(0);
        (await folder.RunAsync(["scan", "couchdump:" + folder.At("mended.jsonl"), "--type", "all", "--fail-on", "info", .. rules])).Expect(0);
        Assert.Contains("\"n\":1.50", (await File.ReadAllLinesAsync(folder.At("mended.jsonl")))[^1], StringComparison.Ordinal);
    }
}
