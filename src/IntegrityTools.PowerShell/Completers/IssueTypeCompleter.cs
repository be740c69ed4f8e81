using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes issue types and groups.</summary>
public sealed class IssueTypeCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(IssueTypes.Names.Select(name => (name, CodeTooltips.Of(name))), wordToComplete);
}
