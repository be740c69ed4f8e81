using System.CommandLine;
using IntegrityTools.Configuration;
using IntegrityTools.Stores;

namespace IntegrityTools.Cli.Hosting;

/// <summary>The options that bound what a scan asks of a server at one time, in the place of those of <c>performance:</c>.</summary>
internal sealed class LimitOptions
{
    private readonly Option<int?> operations = new("--max-concurrent-operations") { Description = "Requests for documents under way at one time; default: as configured", HelpName = "N" };
    private readonly Option<int?> batch = new("--batch-size") { Description = "Documents in one request; default: as configured", HelpName = "N" };
    private readonly Option<int?> perSecond = new("--requests-per-second") { Description = "Requests started in a second, at most; default: as configured", HelpName = "N" };
    private readonly Option<TimeSpan?> timeout = new("--timeout")
    {
        Description = "How long a request may take without an answer, such as 30s or 5m; default: as configured",
        HelpName = "TIME",
        CustomParser = argument =>
        {
            if (Duration.TryParse(argument.Tokens[0].Value, out var value))
            {
                return value;
            }

            argument.AddError($"'{argument.Tokens[0].Value}' is no duration such as 500ms, 30s, 5m or 1h30m.");
            return null;
        },
    };

    public LimitOptions AddTo(Command command)
    {
        command.Add(operations);
        command.Add(batch);
        command.Add(perSecond);
        command.Add(timeout);
        return this;
    }

    public ScanLimits Read(ParseResult result) => new()
    {
        MaxConcurrentOperations = result.GetValue(operations),
        BatchSize = result.GetValue(batch),
        RequestsPerSecond = result.GetValue(perSecond),
        Timeout = result.GetValue(timeout),
    };
}
