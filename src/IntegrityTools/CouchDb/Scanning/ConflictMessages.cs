using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>One sentence for a person about a conflict.</summary>
internal static class ConflictMessages
{
    private const int ShownFields = 4;

    public static string Of(string type, ConflictEvidence evidence)
    {
        var deleted = evidence.Leaves.Count - evidence.LiveLeaves;
        return type switch
        {
            IssueTypes.RevisionConflict when evidence.IdenticalBodies =>
                Text($"{evidence.LiveLeaves} live revisions with the same content{Deletion(evidence)}."),
            IssueTypes.RevisionConflict => Text($"{evidence.LiveLeaves} live revisions that differ{Fields(evidence)}{Deletion(evidence)}."),
            IssueTypes.EditDeleteConflict =>
                Text($"Edited as {evidence.WinningRevision}, and deleted by somebody who had not seen that edit."),
            _ => Text($"An old conflict, resolved: {Counted.Of(deleted, "deleted branch", "deleted branches")} beside {evidence.WinningRevision}."),
        };
    }

    private static string Deletion(ConflictEvidence evidence) =>
        evidence.Kinds.Contains(ConflictKinds.EditDelete) ? "; somebody deleted what one of them edited" : "";

    private static string Fields(ConflictEvidence evidence)
    {
        var fields = evidence.Leaves.SelectMany(leaf => leaf.ChangedFields).Distinct(StringComparer.Ordinal).ToList();
        var more = fields.Count > ShownFields ? Text($" and {fields.Count - ShownFields} more") : "";
        return fields.Count == 0 ? "" : $" in {string.Join(", ", fields.Take(ShownFields))}{more}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
