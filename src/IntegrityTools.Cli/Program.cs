using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using IntegrityTools.Cli.Commands;
using IntegrityTools.Cli.Hosting;
using IntegrityTools.Model;

CommandWords.Face = CommandFace.CommandLine;
var root = new RootCommand("Finds, explains, repairs and proves the integrity of data.")
{
    ScanCommand.Create(),
    PlanCommand.Create(),
    RepairCommand.Create(),
    UndoCommand.Create(),
    ResolveCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    IssuesCommand.Create(),
    HealthCommand.Create(),
    ReportsCommand.Create(),
    PlansCommand.Create(),
    AuditCommand.Create(),
    SalvageCommand.Create(),
    SummaryCommand.Create(),
    OptimizeCommand.Create(),
    DemoCommand.Create(),
    VersionCommand.Create(),
    HelpCommand.Create(),
};
foreach (var option in GlobalOptions.All)
{
    root.Add(option);
}

foreach (var option in root.Options.OfType<HelpOption>())
{
    option.Action = new VerbHelp((HelpAction)option.Action!);
}

using var goesOn = LongFile.GoOn();
var result = root.Parse(args);
if (result.Action is ParseErrorAction wrong)
{
    wrong.ShowHelp = false;
    using var words = new StringWriter();
    result.Invoke(new InvocationConfiguration { Output = words, Error = words });
    return Refuse(result, words.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

// A shell's variable that was never set comes as an empty word, and must not mean the default store or all types.
if (args.Any(word => word.Length == 0 || (word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) == word.Length - 1)))
{
    return Refuse(result, "An argument is empty, as a variable's is that was not set. Leave out what is not meant.");
}

return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null })
    .ConfigureAwait(false);

static int Refuse(ParseResult result, params string[] lines)
{
    foreach (var line in lines)
    {
        Console.Error.WriteLine(line);
    }

    Console.Error.WriteLine($"Try '{string.Join(' ', CommandPath(result.CommandResult.Command))} --help'.");
    return ExitCodes.Usage;
}

static IEnumerable<string> CommandPath(Command command) =>
    command is RootCommand ? ["integrity"] : CommandPath(command.Parents.OfType<Command>().First()).Append(command.Name);
