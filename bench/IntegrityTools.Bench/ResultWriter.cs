using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.Bench;

/// <summary>Writes a scenario's result as Markdown, to the screen and into bench/results, and as JSON beside it.</summary>
internal static class ResultWriter
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Prints a result, and saves it.</summary>
    /// <param name="result">The result.</param>
    /// <param name="machine">Where it was measured.</param>
    /// <param name="scratch">The scratch folder, left out of the commands shown.</param>
    /// <param name="save">False for a run without integrity itself: it must not stand in for a whole one.</param>
    public static void Write(ScenarioResult result, Machine machine, string scratch, bool save)
    {
        var text = Plain(Markdown(result, machine), scratch);
        Console.WriteLine(text);
        if (!save)
        {
            return;
        }

        var folder = Path.Combine(Tools.Root, "bench", "results");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, result.Name + ".md"), text);
        var facts = machine.Facts.ToDictionary(fact => fact.Key, fact => fact.Value);
        var json = Plain(JsonSerializer.Serialize(new { result.Name, Machine = facts, result.Series, result.Verdicts, result.Missing }, Json), scratch);
        File.WriteAllText(Path.Combine(folder, result.Name + ".json"), json + "\n");
    }

    private static string Markdown(ScenarioResult result, Machine machine)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {result.Name}\n\n{result.Description}\n\n");
        text.Append("| | wall, median | min to max | CPU | peak memory | runs |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var series in result.Series)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {series.Name} | {series.Wall:F3} s | {series.FastestWall:F3} to {series.SlowestWall:F3} s ");
            text.Append(CultureInfo.InvariantCulture, $"| {series.Cpu:F2} s | {series.PeakMegabytes:F0} MB | {series.Runs.Count} |\n");
        }

        if (result.Verdicts.Count > 0)
        {
            text.Append("\n| | figure | target | |\n| --- | ---: | ---: | --- |\n");
            foreach (var verdict in result.Verdicts)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {verdict.What} | {verdict.Figure:0.###} {verdict.Unit} | {(verdict.AtLeast ? "at least" : "at most")} {verdict.Target:0.###} {verdict.Unit} ");
                text.Append(CultureInfo.InvariantCulture, $"| {(verdict.Passed ? "pass" : "FAIL")} |\n");
            }
        }

        if (result.Missing.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nNot measured, because not there: {string.Join(", ", result.Missing)}.\n");
        }

        text.Append("\nCommands:\n\n");
        foreach (var series in result.Series)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {series.Name}: {string.Join(" ; ", series.Commands.Select(command => $"`{command}`"))}\n");
        }

        text.Append("\nMeasured on:\n\n");
        foreach (var (name, value) in machine.Facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {value}\n");
        }

        return text.ToString();
    }

    private static string Plain(string text, string scratch) =>
        text.Replace(scratch, "SCRATCH", StringComparison.Ordinal).Replace(Tools.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}
