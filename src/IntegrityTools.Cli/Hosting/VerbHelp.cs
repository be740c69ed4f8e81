using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace IntegrityTools.Cli.Hosting;

/// <summary>The usual help, then examples and exit codes.</summary>
internal sealed class VerbHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
        {
            output.WriteLine(verb.Examples.Count == 1 ? "Example:" : "Examples:");
            foreach (var example in verb.Examples)
            {
                output.WriteLine("  integrity " + example);
            }

            output.WriteLine();
            if (verb.Notes.Count > 0)
            {
                output.WriteLine(string.Join(Environment.NewLine, verb.Notes));
                output.WriteLine();
            }
        }

        output.WriteLine(ExitCodes.Help);
        return code;
    }
}
