using System.Globalization;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Makes the issues of a pass over the documents' content.</summary>
internal sealed class ContentIssues(string store, ScanRequest request)
{
    private const int MostFaults = 100;
    private const int ShownFaults = 3;

    /// <summary>True when issues of a type are asked for.</summary>
    public bool Wants(string type) => request.Types.Contains(type) && SeverityOf(type) >= request.MinimumSeverity;

    /// <summary>An issue about faults in one document; the same faults found again are the same issue.</summary>
    public IntegrityIssue Of(string type, string id, string? documentType, string revision, IReadOnlyList<FieldFault> faults, bool canAutoResolve = false)
    {
        var key = string.Join('\n', faults.Take(MostFaults).Select(fault => $"{fault.Path} {fault.Rule} {(type == IssueTypes.MissingReference ? fault.Found : null)}"));
        var evidence = new DocumentEvidence { Revision = revision, Faults = [.. faults.Take(MostFaults)], Count = faults.Count };
        return Issue(type, id, documentType, key, Sentence(type, faults), evidence) with { CanAutoResolve = canAutoResolve };
    }

    /// <summary>An issue about an id that is listed more than once.</summary>
    public IntegrityIssue OfCollision(string id, string? documentType, string revision, IReadOnlyList<ShardCopy> copies)
    {
        var held = copies.Where(copy => copy.Revision is not null).Select(copy => $"{copy.Range} on {copy.Node} holds {copy.Revision}{(copy.Belongs ? "" : ", where it does not belong")}");
        var where = string.Join("; ", held);
        return Issue(
            IssueTypes.IdCollision, id, documentType, "_id", $"The store lists this id more than once{(where.Length == 0 ? ", so its shards overlap" : $": shard {where}")}.",
            new CollisionEvidence { Revision = revision, Copies = copies });
    }

    /// <summary>An issue about a schema.</summary>
    public IntegrityIssue OfSchema(SchemaEvidence evidence) => Issue(
        IssueTypes.UnusableSchema, evidence.Schema, evidence.DocumentType, evidence.DocumentType,
        $"The schema of {evidence.DocumentType} cannot be used, its documents were not all held against it: {evidence.Reason}", evidence);

    /// <summary>An issue about a document that is nested too deeply to be looked into.</summary>
    public IntegrityIssue OfDeep(string id, string? documentType, string revision) => Issue(
        IssueTypes.UnreadableEntry, id, documentType, "depth", $"It is {DeepDocument.Reason}: it was not looked into.", new EntryEvidence(null, 0, $"revision {revision} is {DeepDocument.Reason}"));

    /// <summary>An issue about documents that mean the same thing; the first of them by id is its subject.</summary>
    public IntegrityIssue OfDuplicates(DuplicateGroup group, ResolutionSettings resolution, bool canAutoResolve)
    {
        var documents = group.Members.Select(member => (member, Body: DocumentFields.Parse(member.Winner.Body.Utf8))).ToList();
        var key = group.Rule.Fields.Select(field => Display.Of(DocumentFields.Find(documents[0].Body, field)) ?? "").ToList();
        var evidence = new DuplicateEvidence
        {
            Fields = group.Rule.Fields,
            Key = key,
            Documents = [.. documents.Select(item => new DuplicateDocument(
                item.member.Id, item.member.Winner.Revision.ToString(), Timestamps.Of(item.Body, resolution.AgeFields)?.Value))],
            Count = group.Count,
        };
        var type = group.Types.Count > 0 ? group.Types[0] : null;
        var shown = string.Join(", ", documents.Take(ShownFaults).Select(item => item.member.Id)) + (group.Count > ShownFaults ? ", …" : "");
        var fields = string.Join(", ", group.Rule.Fields.Zip(key, (field, value) => $"{field} {value}"));
        var message = string.Create(CultureInfo.InvariantCulture, $"{group.Count} documents are one {type ?? "thing"} ({fields}): {shown}.");
        var rule = string.Join(' ', group.Rule.Fields);
        return Issue(IssueTypes.SemanticDuplicate, documents[0].member.Id, type, $"{rule}\n{group.Key[group.Key.IndexOf('\0', StringComparison.Ordinal)..]}", message, evidence) with
        {
            CanAutoResolve = canAutoResolve,
        };
    }

    private static Severity SeverityOf(string type) => type switch
    {
        IssueTypes.IdCollision => Severity.Critical,
        IssueTypes.MissingReference or IssueTypes.UnusableSchema or IssueTypes.UnreadableEntry => Severity.High,
        IssueTypes.UnknownType => Severity.Low,
        _ => Severity.Medium,
    };

    private static string Sentence(string type, IReadOnlyList<FieldFault> faults)
    {
        var shown = string.Join("; ", faults.Take(ShownFaults).Select(fault => Words(type, fault)));
        var more = faults.Count > ShownFaults ? string.Create(CultureInfo.InvariantCulture, $"; and {faults.Count - ShownFaults} more") : "";
        return $"{shown}{more}.";
    }

    private static string Words(string type, FieldFault fault) => type switch
    {
        IssueTypes.MissingField => $"{fault.Path} is missing",
        _ when fault.Found is null => $"{fault.Path}: expected {fault.Expected}",
        _ => $"{fault.Path} is {fault.Found}, expected {fault.Expected}",
    };

    private IntegrityIssue Issue(string type, string subject, string? documentType, string key, string message, IssueEvidence evidence) =>
        request.Issue(store, type, SeverityOf(type), subject, key, message, evidence) with { DocumentType = documentType };
}
