using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Repair;

public class OperationProgressTests
{
    private static readonly LeafSetPrecondition Before = new([new LeafState("2-z", false), new LeafState("2-b", false)]);

    [Theory]
    [InlineData("user.txt", 5, "text/plain")]
    [InlineData("l.txt", 5, "text/plain")]
    [InlineData("l.txt", 2, "image/png")]
    public void An_attachment_that_a_person_added_to_the_kept_leaf_is_not_taken_for_the_planned_merge(string name, long length, string type) =>
        Assert.Equal(OperationStage.Stale, Stage(new AttachmentInfo(name, type, "md5-user", length)).Stage);

    [Theory]
    [InlineData("md5-l")]
    [InlineData("md5-of-the-same-bytes-compressed")]
    public void The_planned_merge_is_known_though_the_store_gave_its_attachment_another_digest(string digest) =>
        Assert.Equal(OperationStage.WinnerWritten, Stage(new AttachmentInfo("l.txt", "text/plain", digest, 2)).Stage);

    private static OperationProgress Stage(AttachmentInfo added)
    {
        var loser = Revision("{\"_id\":\"d\",\"v\":1}", [new AttachmentInfo("l.txt", "text/plain", "md5-l", 2)], "2-b", "1-a");
        var own = new AttachmentInfo("w.txt", "text/plain", "md5-w", 2);
        var written = Revision("{\"_id\":\"d\",\"v\":1}", [own, added], "3-c", "2-z", "1-a");
        var action = new ResolveConflictAction
        {
            KeepRevision = "2-z",
            ResultDigest = DocumentText.Digest(written.Body),
            Attachments = [new AttachmentChoice("w.txt", "2-z", "md5-w"), new AttachmentChoice("l.txt", "2-b", "md5-l")],
            RemoveRevisions = ["2-b"],
            CloseRevisions = [],
        };
        return OperationProgress.Of(action, Before, LeafSet.Of("d", [written, loser]));
    }

    private static DocumentRevision Revision(string body, IReadOnlyList<AttachmentInfo> attachments, params string[] history) => new()
    {
        Id = "d",
        Revision = RevisionId.Parse(history[0]),
        Body = RawJson.FromText(body),
        History = [.. history.Select(RevisionId.Parse)],
        Attachments = attachments,
    };
}
