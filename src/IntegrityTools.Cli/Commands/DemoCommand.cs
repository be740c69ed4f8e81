using System.CommandLine;
using IntegrityTools.Cli.Demo;
using IntegrityTools.Cli.Hosting;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity demo</c>: the whole way once, on a database made for it.</summary>
internal static class DemoCommand
{
    public static Verb Create()
    {
        var folder = new Option<string?>("--folder")
        {
            Description = "An empty or new folder to work in; default: one among the temporary files",
            HelpName = "DIR",
        };
        return new Verb(
            "demo",
            "Makes a database full of conflicts, finds them, repairs them, takes it back, and proves that nothing was lost.",
            "demo",
            "demo --folder ./demo") { folder }
            .Does((session, result, cancellationToken) =>
                new DemoRun(session, DemoFolder.Create(result.GetValue(folder))).RunAsync(cancellationToken));
    }
}
