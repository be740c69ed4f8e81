using System.Text.Json;

namespace IntegrityTools.Cli.Tests;

/// <summary>What a run of the program left behind.</summary>
public sealed record CliResult(int Code, string Output, string Error)
{
    /// <summary>Standard output by lines.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Standard output as one JSON document.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Standard output as a JSON object a line.</summary>
    public JsonElement[] JsonLines => [.. Lines.Select(line =>
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    })];

    /// <summary>The same result when its code is the expected one; otherwise fails with all that was said.</summary>
    public CliResult Expect(int code)
    {
        Assert.True(Code == code, $"Expected exit code {code}, got {Code}.\n--- output\n{Output}\n--- error\n{Error}");
        return this;
    }
}
