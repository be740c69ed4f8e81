using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrityTools.Cli.Demo;

/// <summary>Bodies such as Graphium (containers, hosts, stacks) and a to-do list (tasks) keep them.</summary>
internal sealed class DemoBodies(Random random)
{
    private static readonly DateTimeOffset Epoch = new(2025, 10, 30, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Images = ["nginx:1.27", "postgres:17", "redis:7.4", "grafana:11.2", "couchdb:3.5", "traefik:3.1"];
    private static readonly string[] Titles =
        ["Write the report", "Call the bank", "Water the tomatoes", "Review the merge", "Book the train", "Café mit Zoë"];
    private static readonly string[] States = ["running", "stopped", "restarting"];

    /// <summary>A running container.</summary>
    public DemoBody Container(int number)
    {
        var image = Pick(Images);
        return Typed("SoftwareApplication")
            .With("name", Text($"{image[..image.IndexOf(':', StringComparison.Ordinal)]}-{number}"))
            .With("status", Text(Pick(States)))
            .With("image", Text(image))
            .With("hostedOn", Text($"host-{random.Next(1, 40):D3}"))
            .With("ports", $$"""[{"number":{{8000 + number}},"protocol":"tcp"}]""")
            .With("environment", $$"""{"LOG_LEVEL":"info","REGION":"eu-{{random.Next(1, 4)}}"}""")
            .With("tags", """["web"]""")
            .With("restarts", Number(random.Next(0, 9)))
            .With("cpuShare", "1.0")
            .With("dateModified", Time());
    }

    /// <summary>A host.</summary>
    public DemoBody Host(int number) => Typed("ComputerServer")
        .With("name", Text($"node-{number:D3}"))
        .With("ipAddress", Text($"10.0.{number / 250}.{number % 250}"))
        .With("memoryBytes", "68719476736")
        .With("serial", "9007199254740993")
        .With("location", """{"rack":"B4","unit":12}""")
        .With("dateModified", Time());

    /// <summary>A stack of containers.</summary>
    public DemoBody Stack(int number) => Typed("Stack")
        .With("name", Text($"stack-{number}"))
        .With("containers", $"""["container-{random.Next(1, 900):D4}","container-{random.Next(1, 900):D4}"]""")
        .With("deployments", Number(random.Next(1, 40)))
        .With("dateModified", Time());

    /// <summary>A task.</summary>
    public DemoBody Task(int number) => DemoBody.Empty
        .With("type", "\"task\"")
        .With("title", Text($"{Pick(Titles)} ({number})"))
        .With("status", "\"planned\"")
        .With("priority", "\"medium\"")
        .With("pomodoros", Number(random.Next(0, 6)))
        .With("subtasks", """[{"id":"s1","title":"first step","done":false},{"id":"s2","title":"second step","done":false}]""")
        .With("tags", """["inbox"]""")
        .With("updatedAt", Time())
        .With("deviceId", "\"desktop\"");

    /// <summary>A moment in the demo's days, as JSON.</summary>
    public string Time() => Text(Epoch.AddSeconds(random.Next(0, 40 * 86400)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    /// <summary>JSON of a text.</summary>
    public static string Text(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>JSON of a number.</summary>
    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static DemoBody Typed(string type) => DemoBody.Empty.With("@context", "\"https://schema.org\"").With("@type", Text(type));

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
