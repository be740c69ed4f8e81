using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>Completes the values of an enum, each with what it means.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class CodeCompleter<T> : IArgumentCompleter
    where T : struct, Enum
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(Enum.GetValues<T>().Select(value => (value.ToString(), CodeTooltips.Of(value))), wordToComplete);
}
