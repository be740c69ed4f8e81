using System.CommandLine;
using IntegrityTools.Cli.Hosting;

namespace IntegrityTools.Cli.Commands;

/// <summary><c>integrity help</c>: the same as <c>--help</c>, where people look for it first.</summary>
internal static class HelpCommand
{
    public static Command Create()
    {
        var words = new Argument<string[]>("VERB") { Description = "The verb, such as 'backup list'; left out: all of them", Arity = ArgumentArity.ZeroOrMore };
        var help = new Command("help", "Shows the help of a verb, as --help does.") { words };
        help.SetAction(result =>
        {
            var named = result.GetValue(words) ?? [];
            var asked = result.RootCommandResult.Command.Parse([.. named, "--help"]);
            var path = Names(asked.CommandResult);
            if (!path.SequenceEqual(named))
            {
                Console.Error.WriteLine($"'{string.Join(' ', named)}' is no verb. 'integrity help{string.Concat(path.Select(word => " " + word))}' lists those that there are.");
                return ExitCodes.Usage;
            }

            return asked.Invoke(result.InvocationConfiguration);
        });
        return help;
    }

    private static List<string> Names(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? [.. Names(parent), result.Command.Name] : [];
}
