using System.CommandLine;
using IntegrityTools.Backups;

namespace IntegrityTools.Cli.Hosting;

/// <summary>Which backups stay; without any of these options all do.</summary>
internal sealed class RetentionOptions
{
    private readonly Option<int?> days = Number("--keep-days", "Keep backups younger than N days; older ones are removed");
    private readonly Option<int?> daily = Number("--keep-daily", "Keep the newest of each of the last N days that have one, too");
    private readonly Option<int?> weekly = Number("--keep-weekly", "Likewise of the last N weeks");
    private readonly Option<int?> monthly = Number("--keep-monthly", "Likewise of the last N months");

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(days);
        command.Add(daily);
        command.Add(weekly);
        command.Add(monthly);
    }

    /// <summary>The rule; null when none of the options is given.</summary>
    public BackupRetention? Read(ParseResult result) =>
        BackupRetention.Of(result.GetValue(days), result.GetValue(daily), result.GetValue(weekly), result.GetValue(monthly));

    private static Option<int?> Number(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(given =>
        {
            if (given.Tokens is [var token] && !(int.TryParse(token.Value, out var number) && number is >= 0 and <= 36500))
            {
                given.AddError($"'{token.Value}' is no number from 0 to 36500.");
            }
        });
        return option;
    }
}
