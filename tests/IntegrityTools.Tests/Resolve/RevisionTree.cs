using System.Security.Cryptography;
using System.Text;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Resolve;

/// <summary>A document's revision tree as a test grows it.</summary>
public sealed class RevisionTree(string id = "doc")
{
    private readonly Dictionary<RevisionId, DocumentRevision> _revisions = [];
    private readonly HashSet<RevisionId> _parents = [];

    public DocumentRevision Add(DocumentRevision? parent, string body, bool deleted = false, params AttachmentInfo[] attachments)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{parent?.Revision} {body} {deleted} {_revisions.Count}")).AsSpan(0, 16));
        var revision = new RevisionId((parent?.Revision.Generation ?? 0) + 1, hash);
        var own = body.TrimStart()[1..];
        var text = $"{{\"_id\":\"{id}\",\"_rev\":\"{revision}\"{(deleted ? ",\"_deleted\":true" : "")}{(own.Trim() == "}" ? "" : ",")}{own}";
        var made = new DocumentRevision
        {
            Id = id,
            Revision = revision,
            Deleted = deleted,
            Body = RawJson.FromText(text),
            History = [revision, .. parent?.History ?? []],
            Attachments = attachments,
        };
        _revisions.Add(revision, made);
        if (parent is not null)
        {
            _parents.Add(parent.Revision);
        }

        return made;
    }

    public ConflictCase Case(bool withAncestors = true, int rotate = 0)
    {
        var leaves = _revisions.Values.Where(item => !_parents.Contains(item.Revision)).ToList();
        var set = LeafSet.Of(id, leaves.Skip(rotate % leaves.Count).Concat(leaves.Take(rotate % leaves.Count)));
        var needed = withAncestors ? new ConflictPlanner().NeededAncestors(set) : [];
        return new ConflictCase(set, needed.ToDictionary(item => item, item => _revisions[item]));
    }

    public static IntegrityIssue Issue(ConflictCase conflict, Severity severity = Severity.Medium) => new()
    {
        Id = "issue-1",
        Type = conflict.Leaves.Live.Count() > 1 ? IssueTypes.RevisionConflict : IssueTypes.EditDeleteConflict,
        Severity = severity,
        Subject = conflict.Leaves.Id,
        Message = "conflict",
        Evidence = new ConflictEvidence { WinningRevision = conflict.Leaves.Winner.Revision.ToString(), Leaves = [], LiveLeaves = 2 },
        Store = "test",
        ScanId = "scan-1",
        DetectedAt = DateTimeOffset.UnixEpoch,
    };
}
