using System.CommandLine;

namespace IntegrityTools.Cli.Hosting;

/// <summary>A verb of the command line: its options, its examples, and the one thing it does.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines for the help, without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>What else the help says, a line each.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>Sets what the verb does; what it throws becomes words and an exit code in one place.</summary>
    public Verb Does(Func<Session, ParseResult, CancellationToken, Task<int>> body)
    {
        SetAction((result, _) => Runner.RunAsync(result, body));
        return this;
    }
}
