using System.Globalization;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Makes the issues about documents with several leaves, and about what of a dump cannot be read.</summary>
/// <param name="store">The store's address for the issues.</param>
/// <param name="settings">Timestamps, types and field tiers.</param>
/// <param name="canAutoResolve">Whether the configured strategy decides a case without a person and without discarding an edit.</param>
internal sealed class ConflictIssues(string store, ResolutionSettings settings, Func<ConflictCase, MergeVersions, bool> canAutoResolve)
{
    private readonly ConflictExaminer examiner = new(settings);
    private readonly KindsOfConflict kinds = new(settings);

    /// <summary>The issue about a document with several leaves.</summary>
    public IntegrityIssue Of(ConflictCase found, ScanRequest request)
    {
        try
        {
            return Compared(found, request);
        }
        catch (JsonException) when (found.IsDeep)
        {
            return NotCompared(found.Leaves, request);
        }
    }

    private IntegrityIssue NotCompared(LeafSet leaves, ScanRequest request)
    {
        var type = ConflictExaminer.Classify(leaves)!;
        var evidence = ConflictExaminer.NotCompared(leaves);
        var message = string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(evidence.Leaves.Count, "revision")} that cannot be compared: the document is {DeepDocument.Reason}.");
        return request.Issue(store, type, examiner.SeverityOf(type, evidence.LiveLeaves, []), leaves.Id, EvidenceKey(leaves), message, evidence) with
        {
            DocumentType = examiner.DocumentTypeOf(leaves.Winner),
        };
    }

    private IntegrityIssue Compared(ConflictCase found, ScanRequest request)
    {
        var leaves = found.Leaves;
        var type = ConflictExaminer.Classify(leaves)!;
        using var versions = new MergeVersions(settings);
        var evidence = ConflictExaminer.Examine(found, versions, out var changed);
        evidence = evidence with { Kinds = kinds.Of(type, ConflictExaminer.HasEditDeletion(leaves), evidence, [.. leaves.Live.Select(leaf => versions.Of(leaf).Body)]) };
        var severity = examiner.SeverityOf(type, evidence.LiveLeaves, changed);
        return request.Issue(store, type, severity, leaves.Id, EvidenceKey(leaves), ConflictMessages.Of(type, evidence), evidence) with
        {
            DocumentType = DocumentFields.TypeOf(versions.Of(leaves.Winner).Body, settings),
            CanAutoResolve = type != IssueTypes.ResolvedConflict && canAutoResolve(found, versions),
        };
    }

    // Branches keep their roots while they grow, so that a conflict is the same one after another edit on one side.
    private static string EvidenceKey(LeafSet leaves) =>
        string.Join(' ', RevisionTree.BranchRoots([.. leaves.Live]).Order().Select(root => root.ToString()));

    /// <summary>The issue about a place of a dump.</summary>
    public IntegrityIssue Unreadable(EntryEvidence entry, ScanRequest request)
    {
        var subject = string.Create(CultureInfo.InvariantCulture, $"{entry.Path}:{entry.Line}");
        var message = string.Create(CultureInfo.InvariantCulture, $"Line {entry.Line} cannot be read: {entry.Reason.TrimEnd('.')}; what else there is was scanned.");
        return request.Issue(store, IssueTypes.UnreadableEntry, Severity.High, subject, entry.Reason, message, entry);
    }
}
