using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>Makes the issues about how a server keeps a database.</summary>
internal sealed class StorageIssues(string store, ScanRequest request)
{
    /// <summary>True when issues of a type are asked for.</summary>
    public bool Wants(string type) => request.Types.Contains(type);

    /// <summary>An issue.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="severity">How much it matters.</param>
    /// <param name="subject">The database, or the design document.</param>
    /// <param name="key">What makes it the same fault when it is found again.</param>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="evidence">What was seen.</param>
    /// <param name="canAutoResolve">True when a plan repairs it without a person.</param>
    public IntegrityIssue Of(string type, Severity severity, string subject, string key, string message, IssueEvidence evidence, bool canAutoResolve) =>
        request.Issue(store, type, severity, subject, key, message, evidence) with { CanAutoResolve = canAutoResolve };
}
