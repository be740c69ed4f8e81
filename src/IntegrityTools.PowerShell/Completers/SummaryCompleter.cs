using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using IntegrityTools.Sqlite.Summaries;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the names of definitions that come along.</summary>
public sealed class SummaryCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(BuiltInSummaries.Names.Select(name => (name, $"The definition {name}, which comes along")), wordToComplete);
}
