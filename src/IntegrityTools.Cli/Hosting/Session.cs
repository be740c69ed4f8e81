using System.CommandLine;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>What one run of a verb works with: the engine, the terminal, and what to tell when it is stopped.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly EngineOptions options;
    private IntegrityEngine? engine;

    public Session(ParseResult result)
    {
        ConfigurationPath = result.GetValue(GlobalOptions.Config);
        LedgerPath = result.GetValue(GlobalOptions.Ledger);
        options = new EngineOptions { ConfigurationPath = ConfigurationPath, LedgerPath = LedgerPath };
        Verbose = result.GetValue(GlobalOptions.Verbose);
        Terminal = new Terminal(result.GetValue(GlobalOptions.NoColor), result.GetValue(GlobalOptions.Quiet));
    }

    public string? ConfigurationPath { get; }

    public string? LedgerPath { get; }

    public bool Verbose { get; }

    public Terminal Terminal { get; }

    /// <summary>The execution under way, so that a stopped one can be gone on with.</summary>
    public RepairExecution? Execution { get; set; }

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
    public void Next(string command) => Terminal.Note($"Next: integrity {command}{SameOptions()}");

    /// <summary>Tells how to go on with the execution that was under way, when there was one.</summary>
    public void TellHowToResume()
    {
        if (Execution is { Status: ExecutionStatus.Running or ExecutionStatus.Stopped } execution)
        {
            Terminal.Complain($"Execution {execution.Id} can be resumed:");
            Terminal.Complain($"  integrity repair --resume {execution.Id} --confirm{SameOptions()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (engine is not null)
        {
            await engine.DisposeAsync().ConfigureAwait(false);
        }

        Terminal.Dispose();
    }

    private string SameOptions() =>
        (ConfigurationPath is null ? string.Empty : $" --config {ShellWord.Of(ConfigurationPath)}")
        + (LedgerPath is null ? string.Empty : $" --ledger {ShellWord.Of(LedgerPath)}");
}
