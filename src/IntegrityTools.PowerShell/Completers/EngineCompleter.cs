using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using IntegrityTools.Model;
using IntegrityTools.PowerShell.Abstractions;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes from the configuration or the ledger that the command line so far names.</summary>
public abstract class EngineCompleter : IArgumentCompleter
{
    // More than these nobody looks through with the Tab key.
    private const int Most = 100;
    private static readonly IssueStatus[] Unresolved = [IssueStatus.Open, IssueStatus.Planned, IssueStatus.Reopened, IssueStatus.Ignored];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var engine = EngineLocator.Open(
            fakeBoundParameters["Config"]?.ToString(),
            fakeBoundParameters["Ledger"]?.ToString(),
            CurrentPath());

        // A thread of the pool: the prompt's thread must not be waited on by what it waits for.
        var candidates = Task.Run(async () =>
        {
            await using (engine)
            {
                return await CandidatesAsync(engine).ConfigureAwait(false);
            }
        }).GetAwaiter().GetResult();
        return Completions.Of(candidates, wordToComplete ?? string.Empty);
    }

    /// <summary>The session's location, asked for by a script: the runspace is busy completing and answers nobody else.</summary>
    private static PathIntrinsics CurrentPath() =>
        (PathIntrinsics)ScriptBlock.Create("$ExecutionContext.SessionState.Path").Invoke()[0].BaseObject;

    /// <summary>What can be completed, with tooltips.</summary>
    /// <param name="engine">The engine; its ledger is only read, so that a completion makes none.</param>
    protected abstract Task<IEnumerable<(string Text, string Tooltip)>> CandidatesAsync(IntegrityEngine engine);

    /// <summary>The first known issues that are not resolved, the worst first.</summary>
    protected static ValueTask<List<KnownIssue>> UnresolvedAsync(IntegrityEngine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.Issues.ListAsync(new ScanOptions(), Unresolved, CancellationToken.None, allStores: true).Take(Most).ToListAsync();
    }

    /// <summary>A moment as tooltips show it.</summary>
    protected static string At(DateTimeOffset moment) => moment.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
