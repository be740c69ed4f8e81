using System.CommandLine;
using System.CommandLine.Parsing;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>What one run of a verb works with: the engine, the terminal, and what to tell when it is stopped.</summary>
internal sealed class Session : IAsyncDisposable
{
    // What says where things are and who asks: a command that follows needs the same.
    private static readonly string[] Repeated = ["--config", "--ledger", "--user", "--password-file"];

    private readonly EngineOptions options;
    private readonly string sameOptions;
    private IntegrityEngine? engine;

    public Session(ParseResult result)
    {
        ConfigurationPath = result.GetValue(GlobalOptions.Config);
        LedgerPath = result.GetValue(GlobalOptions.Ledger);
        options = new EngineOptions { ConfigurationPath = ConfigurationPath, LedgerPath = LedgerPath };
        sameOptions = string.Concat(Repeated.Select(name =>
            result.GetResult(name) is OptionResult { Implicit: false, Tokens: [var value, ..] } ? $" {name} {CommandWords.Argument(value.Value)}" : string.Empty));
        Verbose = result.GetValue(GlobalOptions.Verbose);
        Terminal = new Terminal(result.GetValue(GlobalOptions.NoColor), result.GetValue(GlobalOptions.Quiet));
    }

    public string? ConfigurationPath { get; }

    public string? LedgerPath { get; }

    public bool Verbose { get; }

    public Terminal Terminal { get; }

    /// <summary>The execution under way, so that a stopped one can be gone on with.</summary>
    public RepairExecution? Execution { get; set; }

    /// <summary>The scan under way, so that a cut one can be gone on with.</summary>
    public ScanReport? Scan { get; set; }

    /// <summary>The engine, opened on first use: verbs that need none start faster.</summary>
    public IntegrityEngine Engine
    {
        get
        {
            if (engine is null)
            {
                engine = IntegrityEngine.Open(options);
                foreach (var warning in engine.Configuration.Warnings)
                {
                    Terminal.Note("Warning: " + warning);
                }
            }

            return engine;
        }
    }

    /// <summary>A hint at the command that follows, with the options that this run was given.</summary>
    public void Next(string command) => Follow("Next:", command);

    /// <summary>A command under a label of its own, with the options that this run was given.</summary>
    public void Follow(string label, string command) => Terminal.Hint($"{label} integrity {command}{sameOptions}");

    /// <summary>Recommended commands with the options that this run was given; another program's are as they are.</summary>
    public IReadOnlyList<HealthRecommendation> Following(IEnumerable<HealthRecommendation> recommendations) =>
        [.. recommendations.Select(one => one.Command.StartsWith("integrity ", StringComparison.Ordinal) ? one with { Command = one.Command + sameOptions } : one)];

    /// <summary>Tells how to go on with the execution or the scan that was under way, when there was one.</summary>
    public void TellHowToResume()
    {
        if (Scan is { CanResume: true } scan)
        {
            Terminal.Complain($"Scan {scan.ScanId} can be gone on with:");
            Terminal.Complain($"  integrity scan --resume {scan.ScanId}{sameOptions}");
        }

        if (Execution is { Status: ExecutionStatus.Running or ExecutionStatus.Stopped } execution)
        {
            Terminal.Complain($"Execution {execution.Id} can be resumed:");
            Terminal.Complain($"  integrity repair --resume {execution.Id} --confirm{sameOptions}");
        }
    }

    /// <summary>Ends the engine: a command is done when that is.</summary>
    /// <exception cref="IntegrityException">It cannot be ended, such as when the ledger's file was moved away.</exception>
    public async Task CloseAsync()
    {
        if (Interlocked.Exchange(ref engine, null) is { } open)
        {
            await open.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CloseAsync().ConfigureAwait(false);
        }
        catch (IntegrityException failure)
        {
            Terminal.Complain(failure.Message);
        }

        Terminal.Dispose();
    }
}
