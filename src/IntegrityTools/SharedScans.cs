using System.Security.Cryptography;
using System.Text;
using IntegrityTools.Ledger;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>What a process brings along that takes part in a shared scan.</summary>
internal static class SharedScans
{
    /// <summary>The request.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidArgument"/>: something is asked for that cannot be shared.</exception>
    public static ShareRequest Request(string name, ScanOptions options, ScanPlan plan, ILedger ledger)
    {
        if (options.Incremental || options.Partition is not null || options.Subjects.Count > 0)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "A scan of what was changed, of a partition or of chosen subjects is made by one process: there is little of it to share.", name,
                "Leave the name of the shared scan out.");
        }

        // Two machines may have a file at the same place; who sees the digest learns nothing of where the ledger is.
        var place = $"{ProcessIdentity.Current.Host}\n{Path.GetFullPath(ledger.Location)}";
        return new ShareRequest(name, plan.Scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)).AsSpan(0, 8)));
    }
}
