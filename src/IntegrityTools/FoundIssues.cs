using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>What of a scan is in the ledger already: its issues by their ids, counted by what they are.</summary>
internal sealed class FoundIssues
{
    private readonly HashSet<ShortDigest> ids = [];
    private readonly Dictionary<string, long> byType = [];
    private readonly Dictionary<string, long> bySeverity = [];

    private FoundIssues()
    {
    }

    /// <summary>Those that a person ignores.</summary>
    public long Ignored { get; private set; }

    /// <summary>The others, by type.</summary>
    public IReadOnlyDictionary<string, long> ByType => byType;

    /// <summary>The others, by severity.</summary>
    public IReadOnlyDictionary<string, long> BySeverity => bySeverity;

    /// <summary>Reads it.</summary>
    public static async Task<FoundIssues> ReadAsync(ILedger ledger, string scanId, string store, CancellationToken cancellationToken)
    {
        var found = new FoundIssues();
        var unwanted = await ledger.ReadIgnoredAsync(store, DateTimeOffset.UtcNow, cancellationToken).ConfigureAwait(false);
        await foreach (var issue in ledger.ReadIssuesAsync(scanId, cancellationToken).ConfigureAwait(false))
        {
            if (!found.IsNew(issue))
            {
                continue;
            }

            if (unwanted.Contains(issue.Id))
            {
                found.Ignored++;
            }
            else
            {
                found.byType[issue.Type] = found.byType.GetValueOrDefault(issue.Type) + 1;
                var severity = Codes.Of(issue.Severity);
                found.bySeverity[severity] = found.bySeverity.GetValueOrDefault(severity) + 1;
            }
        }

        return found;
    }

    /// <summary>True for an issue that the scan has not found yet; it counts as found from then on.</summary>
    public bool IsNew(IntegrityIssue issue) => ids.Add(ShortDigest.Of(issue.Id));
}
