using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using IntegrityTools.Cli.Output;
using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>Options and arguments that several verbs share, each made in one place.</summary>
internal static class Choices
{
    public static Argument<string?> Store(string description = "A configured name, an address or a path; left out: the default store")
    {
        var argument = new Argument<string?>("STORE")
        {
            Description = description,
            Arity = ArgumentArity.ZeroOrOne,
        };

        // The parser takes an option that it does not know for this argument.
        argument.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: ['-', ..] word }])
            {
                var known = given.Parent is CommandResult verb ? verb.Command.Options.Concat(GlobalOptions.All).Select(option => option.Name) : [];
                var hint = NearestWord.Of(word.Split('=', ':')[0], known) is { } meant ? $" Did you mean '{meant}'?" : string.Empty;
                given.AddError($"Unrecognized option '{word}'.{hint}");
            }
        });
        return argument;
    }

    /// <summary>The store of a list from the ledger.</summary>
    public static Argument<string?> ListedStore() => Store("A configured name, an address or a path; left out: the default store, or all where there is no default");

    public static Option<bool> AllStores() => new("--all-stores") { Description = "Of all stores, not of the default one only" };

    public static Option<string[]> Types()
    {
        var option = List("--type", "T,…", "Issue types or groups; default: all that is known and configured");
        option.CompletionSources.Add([.. IssueTypes.Names]);
        return option;
    }

    public static Option<string[]> DocumentTypes() => List("--document-type", "T,…", "Only documents of these types; * and ? are wildcards");

    // Not split at commas: an id may hold one.
    public static Option<string[]> Subjects() => new("--subject")
    {
        Description = "Only this subject (a document's id); may be given several times",
        HelpName = "ID",
        DefaultValueFactory = _ => [],
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Option<string?> Destination() => new("--to") { Description = "The new file: a dump is never changed in place", HelpName = "FILE" };

    public static Option<bool> Overwrite() => new("--overwrite") { Description = "Write over a file that exists" };

    public static Option<BackupType?> BackupType() => Code<BackupType>("--type", "T", "What is saved: store, or configuration (this program's own and the configured files)");

    public static Argument<string> Backup() => new("BACKUP") { Description = "A manifest, a file of a backup, a folder (its newest), or an id that the ledger knows" };

    public static Option<bool> Confirm() => new("--confirm") { Description = "Really write; without it nothing is changed" };

    public static Option<Strategy?> Strategy() => Code<Strategy>("--strategy", "S", "How conflicts are decided; default: as configured");

    public static Option<Risk?> MaximumRisk() => Code<Risk>("--max-risk", "R", "What is above it is left to a person");

    public static Option<Severity?> MaximumSeverity() => Code<Severity>("--max-severity", "S", "Issues above it are left to a person");

    /// <summary>An option whose value is a code of an enum, in any spelling.</summary>
    public static Option<T?> Code<T>(string name, string helpName, string description)
        where T : struct, Enum
    {
        var option = new Option<T?>(name)
        {
            Description = $"{description} ({string.Join('|', Codes.All<T>())})",
            HelpName = helpName,
            CustomParser = Parse<T>,
        };
        option.CompletionSources.Add([.. Codes.All<T>()]);
        return option;
    }

    /// <summary>An option whose values are codes of an enum, separated by commas, in any spelling.</summary>
    public static Option<T[]> CodeList<T>(string name, string helpName, string description)
        where T : struct, Enum
    {
        var option = new Option<T[]>(name)
        {
            Description = $"{description} ({string.Join('|', Codes.All<T>())})",
            HelpName = helpName,
            DefaultValueFactory = _ => [],
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            CustomParser = argument => [.. argument.Tokens.SelectMany(token => Split(token.Value)).Select(word => Parse<T>(argument, word) ?? default)],
        };
        option.CompletionSources.Add([.. Codes.All<T>()]);
        return option;
    }

    /// <summary>An option for a moment to come: a day or a time, of this place unless it names its offset, or a duration from now on.</summary>
    public static Option<DateTimeOffset?> Moment(string name, string description) => Moment(name, description, 1);

    /// <summary>An option for a moment that has passed: a day or a time, of this place unless it names its offset, or a duration back from now.</summary>
    public static Option<DateTimeOffset?> PastMoment(string name, string description) => Moment(name, description, -1);

    private static Option<DateTimeOffset?> Moment(string name, string description, int direction) => new(name)
    {
        Description = description,
        HelpName = "WHEN",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (Duration.TryParse(text, out var span) && span < TimeSpan.FromDays(36500))
            {
                return DateTimeOffset.UtcNow + (span * direction);
            }

            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment))
            {
                return moment;
            }

            argument.AddError($"'{text}' is neither a day (2027-01-31), a time (2027-01-31T12:00) nor a duration (30d, 12h).");
            return null;
        },
    };

    /// <summary>The form of the output; the first one, for people, is the default.</summary>
    public static Option<OutputFormat> Output(params string[] codes)
    {
        var option = new Option<OutputFormat>("--output", "-o")
        {
            Description = $"The form of the output ({string.Join('|', codes)}); default: {codes[0]}",
            HelpName = "FORM",
            CustomParser = argument =>
            {
                var text = argument.Tokens[0].Value;
                var index = Array.FindIndex(codes, code => code.Equals(text, StringComparison.OrdinalIgnoreCase));
                if (index < 0)
                {
                    argument.AddError($"'{text}' is not one of: {string.Join(", ", codes)}.");
                }

                return index > 0 && Codes.TryParse<OutputFormat>(text, out var format) ? format : OutputFormat.Table;
            },
        };
        option.CompletionSources.Add(codes);
        return option;
    }

    private static Option<string[]> List(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => [],
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = argument => [.. argument.Tokens.SelectMany(token => Split(token.Value))],
    };

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static T? Parse<T>(ArgumentResult argument)
        where T : struct, Enum => Parse<T>(argument, argument.Tokens[0].Value);

    private static T? Parse<T>(ArgumentResult argument, string text)
        where T : struct, Enum
    {
        if (Codes.TryParse<T>(text, out var value))
        {
            return value;
        }

        argument.AddError($"'{text}' is not one of: {string.Join(", ", Codes.All<T>())}.");
        return null;
    }
}
