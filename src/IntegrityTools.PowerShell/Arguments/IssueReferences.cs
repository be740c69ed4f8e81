using System.Management.Automation;
using System.Runtime.CompilerServices;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Issues as the pipeline brings them: whole, or without their type from a job or a file, when the ledger has them whole.</summary>
internal static class IssueReferences
{
    /// <summary>The whole issues.</summary>
    /// <exception cref="IntegrityException">The ledger does not have the scan of an issue that lost its type.</exception>
    public static async IAsyncEnumerable<IntegrityIssue> ReadAsync(
        IReadOnlyList<PSObject> references, IntegrityEngine engine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var issue in references.Select(reference => reference.BaseObject).OfType<IntegrityIssue>())
        {
            yield return issue;
        }

        var lost = references.Where(reference => reference.BaseObject is not IntegrityIssue);
        foreach (var scan in lost.ToLookup(issue => Text(issue, nameof(IntegrityIssue.ScanId)), issue => Text(issue, nameof(IntegrityIssue.Id))))
        {
            var wanted = scan.ToHashSet(StringComparer.Ordinal);
            await foreach (var issue in engine.ReadIssuesAsync(scan.Key, cancellationToken).ConfigureAwait(false))
            {
                if (wanted.Contains(issue.Id))
                {
                    yield return issue;
                }
            }
        }
    }

    private static string Text(PSObject issue, string property) => issue.Properties[property]?.Value?.ToString() ?? string.Empty;
}
