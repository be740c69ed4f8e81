using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>A leaf, an ancestor, or what a merge made of some leaves: it then stands for them, and each of its values knows its author.</summary>
internal sealed class MergeVersion
{
    private readonly Author _author;

    private MergeVersion(
        JsonElement body, IReadOnlyDictionary<string, AuthoredAttachment> attachments, Author author, Dictionary<string, Author> authors, IReadOnlyList<MergeVersion> forks)
    {
        Body = body;
        Attachments = attachments;
        _author = author;
        Authors = authors;
        Forks = forks;
    }

    /// <summary>The user's members.</summary>
    public JsonElement Body { get; }

    /// <summary>When it was last edited; null is not available.</summary>
    public DateTimeOffset? Timestamp => _author.Timestamp;

    /// <summary>The field that tells so.</summary>
    public string? TimestampField => _author.TimestampField;

    /// <summary>Its attachments by name.</summary>
    public IReadOnlyDictionary<string, AuthoredAttachment> Attachments { get; }

    /// <summary>Authors of values that came from another leaf than the first.</summary>
    public Dictionary<string, Author> Authors { get; }

    /// <summary>The forks whose branches were merged into it; of a leaf or an ancestor none.</summary>
    public IReadOnlyList<MergeVersion> Forks { get; }

    /// <summary>A revision as it was read.</summary>
    public static MergeVersion Of(DocumentRevision revision, ResolutionSettings settings) =>
        Of(revision, DocumentFields.Own(revision.Body), settings);

    /// <summary>A revision whose own members have been read.</summary>
    public static MergeVersion Of(DocumentRevision revision, JsonElement body, ResolutionSettings settings)
    {
        var timestamp = Timestamps.Of(body, settings);
        var author = new Author(revision.Revision, timestamp?.Value, timestamp?.Field);
        var attachments = new Dictionary<string, AuthoredAttachment>(StringComparer.Ordinal);
        foreach (var attachment in revision.Attachments)
        {
            attachments[attachment.Name] = new AuthoredAttachment(attachment, author);
        }

        return new MergeVersion(body, attachments, author, [], []);
    }

    /// <summary>What a merge made, on the ground of this version.</summary>
    public MergeVersion With(
        JsonElement body, IReadOnlyDictionary<string, AuthoredAttachment> attachments, Dictionary<string, Author> authors, IReadOnlyList<MergeVersion> forks) =>
        new(body, attachments, _author, authors, forks);

    /// <summary>Whose value stands at a path.</summary>
    public Author AuthorOf(FieldPath path)
    {
        if (Authors.Count > 0)
        {
            for (var at = path; at is not null; at = at.Parent)
            {
                if (Authors.TryGetValue(at.ToString(), out var author))
                {
                    return author;
                }
            }
        }

        return _author;
    }
}
