using System.Management.Automation;
using System.Runtime.CompilerServices;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Issues as the pipeline brings them: whole, or what of them leads to the whole one in the ledger, as from a job, a file or a plan's operation.</summary>
internal static class IssueReferences
{
    /// <summary>The whole issues.</summary>
    /// <exception cref="IntegrityException">An object does not say which issue it is, or the ledger does not have it.</exception>
    public static async IAsyncEnumerable<IntegrityIssue> ReadAsync(
        IReadOnlyList<PSObject> references, IntegrityEngine engine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var issue in references.Select(reference => reference.BaseObject).OfType<IntegrityIssue>())
        {
            yield return issue;
        }

        var parts = references.Where(reference => reference.BaseObject is not IntegrityIssue);
        foreach (var scan in parts.ToLookup(issue => Text(issue, nameof(IntegrityIssue.ScanId)), IdOf))
        {
            var wanted = scan.ToHashSet(StringComparer.Ordinal);
            var whole = scan.Key is null ? (await engine.Issues.GetAsync([.. wanted], cancellationToken).ConfigureAwait(false)).ToAsyncEnumerable() : engine.ReadIssuesAsync(scan.Key, cancellationToken);
            await foreach (var issue in whole.ConfigureAwait(false))
            {
                if (wanted.Remove(issue.Id))
                {
                    yield return issue;
                }
            }

            if (wanted.Count > 0)
            {
                throw new IntegrityException(ErrorIds.NotFound, $"The scan {scan.Key} has no issue '{wanted.First()}'.", wanted.First(), "Pass issues on as they came, or scan again.");
            }
        }
    }

    private static string IdOf(PSObject reference) =>
        (reference.BaseObject as string ?? Text(reference, nameof(RepairOperation.IssueId)) ?? Text(reference, nameof(IntegrityIssue.Id))) is { } id
            && id.StartsWith(IssueArgumentAttribute.IdPrefix, StringComparison.Ordinal)
            ? id
            : throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"What came in is no issue, or only a part of one: {Shown(reference)} does not say which one it is, since it has no Id.",
                Text(reference, nameof(IntegrityIssue.Subject)),
                "Pass whole issues on: Where-Object keeps them, Select-Object keeps what it names, so name Id, too. Or name what is meant: New-RepairPlan STORE -Subject ID.");

    private static string Shown(PSObject reference) => reference.BaseObject is string text ? $"'{text}'"
        : $"an object with {string.Join(", ", reference.Properties.Select(property => property.Name))}";

    private static string? Text(PSObject issue, string property) => issue.Properties[property]?.Value?.ToString() is { Length: > 0 } text ? text : null;
}
