using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Writing;

/// <summary>Merges an application's edit with what others have written since the revision that it was made from, by the rules that resolve conflicts.</summary>
internal sealed class SaveMerge(ICouchSource source, ResolutionSettings resolution, GivenDocument given, RawJson? original)
{
    // No revision of a server's has such a hash.
    private const string OwnHash = "given";

    private DocumentRevision? ancestor;

    /// <summary>What to write now.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DocumentConflict"/>: no rule decides, or the document is deleted.</exception>
    public async Task<SaveAttempt> NextAsync(CancellationToken cancellationToken)
    {
        var now = await source.ReadLeavesAsync([given.Id], cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        if (now is null || now.Winner.Deleted)
        {
            throw new IntegrityException(
                ErrorIds.DocumentConflict, "The document was deleted by somebody else: it was not written again.", given.Id,
                "Accept the deletion, or write the document without its _rev to make it anew.");
        }

        var standing = now.Winner;
        ancestor ??= await AncestorAsync(standing, cancellationToken).ConfigureAwait(false);
        var common = standing.History.FirstOrDefault(revision => revision == given.Parent);
        var mine = new DocumentRevision
        {
            Id = given.Id,
            Revision = new RevisionId((given.Parent?.Generation ?? 0) + 1, OwnHash),
            Body = given.Document,
            History = [new RevisionId((given.Parent?.Generation ?? 0) + 1, OwnHash), .. common is null ? [] : standing.History.SkipWhile(revision => revision != common)],
            Attachments = DocumentReader.AttachmentsOf(given.Document),
        };
        var known = common is not null && ancestor is not null ? new Dictionary<RevisionId, DocumentRevision> { [common] = ancestor } : [];
        using var versions = new MergeVersions(resolution);
        var decision = new DecisionTree(
            new ConflictCase(LeafSet.Of(given.Id, [standing, mine]), known), new RepairPolicy { Resolution = resolution }, versions).Decide();
        return decision.Keep is null ? throw Undecided(decision, standing) : Attempt(decision, standing, mine);
    }

    private async Task<DocumentRevision?> AncestorAsync(DocumentRevision standing, CancellationToken cancellationToken)
    {
        if (given.Parent is not { } parent || !standing.History.Contains(parent))
        {
            return null;
        }

        if (original is { } read)
        {
            return new DocumentRevision { Id = given.Id, Revision = parent, Body = read, History = [parent], Attachments = DocumentReader.AttachmentsOf(read) };
        }

        return await source.ReadRevisionsAsync([new RevisionRequest(given.Id, parent)], cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
    }

    private static SaveAttempt Attempt(Decision decision, DocumentRevision standing, DocumentRevision mine)
    {
        var kept = decision.Keep!;
        var own = decision.Body ?? DocumentFields.Own(kept.Body);
        var before = DocumentFields.Own(standing.Body);
        var attachments = Attachments(decision, standing, mine);
        var body = new RawJson(JsonMarshal.GetRawUtf8Value(own).ToArray());
        var buffer = new ArrayBufferWriter<byte>(body.Utf8.Length + 256);
        DocumentText.WriteUpdate(new NewRevision(standing, false, body, attachments), buffer);
        return new SaveAttempt(new RawJson(buffer.WrittenMemory), standing.Revision, body, decision.Discarded, Merged: true)
        {
            // Counters aside, what already stands there need not be written again.
            Standing = JsonEquality.Equal(own, before) && attachments == DocumentText.AttachmentsOf(standing.Body) ? standing.Revision : null,
        };
    }

    /// <summary>Each attachment as the document that it comes from has it: a stub of what stands, or what the application gave.</summary>
    private static RawJson? Attachments(Decision decision, DocumentRevision standing, DocumentRevision mine)
    {
        var chosen = decision.Attachments?.ToDictionary(item => item.Key, item => item.Value.Author.Revision == mine.Revision, StringComparer.Ordinal)
            ?? decision.Keep!.Attachments.ToDictionary(attachment => attachment.Name, _ => decision.Keep == mine, StringComparer.Ordinal);
        if (chosen.Count == 0)
        {
            return null;
        }

        var theirs = DocumentText.AttachmentsOf(standing.Body);
        if (!chosen.ContainsValue(true) && chosen.Count == standing.Attachments.Count)
        {
            return theirs;
        }

        var given = DocumentText.AttachmentsOf(mine.Body);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, isMine) in chosen)
            {
                using var from = (isMine ? given : theirs)!.Value.Parse();
                writer.WritePropertyName(name);
                writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(from.RootElement.GetProperty(name)), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }

    private IntegrityException Undecided(Decision decision, DocumentRevision standing) => new(
        ErrorIds.DocumentConflict,
        $"Somebody else has written {standing.Revision} meanwhile, and both cannot be kept: {decision.Reason}",
        given.Id,
        ancestor is null && given.Parent is not null
            ? $"The server no longer has {given.Parent}, from which this edit was made: give the original, or read the document again and repeat the edit."
            : "Read the document again and repeat the edit, or add a rule to resolution.rules that decides these fields.");
}
