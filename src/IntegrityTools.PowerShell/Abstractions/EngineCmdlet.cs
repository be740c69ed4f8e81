using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>
/// A cmdlet that calls the engine: the work runs on the thread pool, and what it has to say streams to the pipeline as it comes. Stopping
/// the pipeline, or a command downstream that has enough, cancels the work.
/// </summary>
public abstract class EngineCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private IntegrityEngine? engine;

    /// <summary>The configuration file; without it INTEGRITY_CONFIG, the current folder, then the user's configuration folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Config { get; set; }

    /// <summary>The ledger file; without it INTEGRITY_LEDGER, the configuration, then the user's data folder.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Ledger { get; set; }

    /// <summary>The engine, opened on first use.</summary>
    protected IntegrityEngine Engine => engine ??= EngineLocator.Open(Config, Ledger, SessionState.Path);

    /// <summary>True when a failure ends the pipeline: for cmdlets that write, so that no script goes on as if they had.</summary>
    protected virtual bool FailureEndsPipeline => false;

    /// <summary>True when this failure ends the pipeline, and not only what was asked for one object in it.</summary>
    protected virtual bool EndsPipeline(IntegrityException failure) => FailureEndsPipeline || failure.EndsAnyPipeline();

    /// <summary>True after Ctrl+C; false when a command downstream had enough.</summary>
    protected bool StoppedByUser { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the engine and with it the ledger.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            engine?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            engine = null;
            stop.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        StoppedByUser = true;
        stop.Cancel();
    }

    /// <summary>Runs work of the engine until it ends, is stopped or fails; failures become error records.</summary>
    /// <param name="work">The work; it talks to the pipeline through what it is given, from any thread.</param>
    protected void Run(Func<PipelineOutput, CancellationToken, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            var opened = Engine;
            using var output = new PipelineOutput(stop.Token);
            var running = Task.Run(() => output.CompleteAfterAsync(work));
            try
            {
                output.PumpTo(this);
            }
            catch
            {
                // The pipeline has stopped or has enough. The work is called off and waited for: it leaves a clean record behind.
                stop.Cancel();
                output.DiscardUntilEnd();
                AwaitCalledOff(running);
                Interrupted();
                throw;
            }

            if (stop.IsCancellationRequested)
            {
                AwaitCalledOff(running);
                Interrupted();
                throw new PipelineStoppedException();
            }

            running.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Interrupted();
            throw new PipelineStoppedException();
        }
        catch (IntegrityException failure)
        {
            var record = failure.ToErrorRecord();
            if (EndsPipeline(failure))
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
    }

    private void AwaitCalledOff(Task running)
    {
        try
        {
            running.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // What was asked for.
        }
        catch (Exception failure)
        {
            // The pipeline takes no errors any more; a warning past it is what is left.
            WarnAlways($"While the work was called off: {failure.Message}");
        }
    }

    /// <summary>Called after work was cut off, when the pipeline may no longer take output.</summary>
    protected virtual void Interrupted()
    {
    }

    /// <summary>Warns, if need be past a pipeline that takes nothing any more: a warning about unfinished work must be seen.</summary>
    protected void WarnAlways(string message)
    {
        try
        {
            WriteWarning(message);
        }
        catch (PipelineStoppedException)
        {
            Host.UI.WriteWarningLine(message);
        }
    }

    /// <summary>A path as the user means it: relative to PowerShell's location, not to the process's.</summary>
    protected string FullPath(string path) => FileLocation.Full(path, SessionState.Path);

    /// <summary>A command that follows, with the parameters that say where this one's configuration and ledger are.</summary>
    protected string Following(string command) => command + string.Concat(new[] { (nameof(Config), Config), (nameof(Ledger), Ledger) }
        .Select(place => place.Item2 is { } path ? $" -{place.Item1} {CommandWords.Argument(path)}" : string.Empty));

    /// <summary>True when nothing is to be written.</summary>
    protected bool DryRun => MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? LanguagePrimitives.IsTrue(bound)
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    /// <summary>A path made full; an id, which is no path, as it is.</summary>
    protected string FullBackup(string backup)
    {
        var path = FullPath(backup);
        return Path.Exists(path) ? path : backup;
    }

    /// <summary>A configured name as it is; an address or a path with its relative part made full.</summary>
    protected string? FullStore(string? store) =>
        store is null ? null : StoreLocation.Full(store, Engine.Stores, SessionState.Path);
}
