using System.Diagnostics;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Duplicates;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Finds what is wrong with documents' content in one pass over all bodies, whichever of its types are asked for. One body is in memory at a time.</summary>
/// <param name="source">Where from.</param>
/// <param name="store">The store's address for the issues.</param>
/// <param name="resolution">The fields that hold a document's type.</param>
/// <param name="validation">What to check.</param>
internal sealed class ContentScanner(ICouchSource source, string store, ResolutionSettings resolution, ValidationSettings validation)
{
    // Of so many the shards are asked, one question a copy; after them it is clear what is wrong.
    private const int MostCollisions = 100;
    private const int DocumentsToSettle = 1000;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>The types that this pass finds.</summary>
    public static IReadOnlySet<string> Types { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        IssueTypes.MissingField, IssueTypes.UnknownType, IssueTypes.MissingReference, IssueTypes.SchemaViolation, IssueTypes.UnusableSchema, IssueTypes.IdCollision,
        IssueTypes.SemanticDuplicate,
    };

    /// <summary>Scans. Issues of single documents come as they are found, missing references after the last document.</summary>
    /// <exception cref="IntegrityException">The source cannot be read.</exception>
    public async IAsyncEnumerable<IntegrityIssue> ScanAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var issues = new ContentIssues(store, request);
        var fields = new FieldCheck(validation);
        using var references = validation.CheckReferences && issues.Wants(IssueTypes.MissingReference)
            ? new ReferenceCheck(source, validation, resolution.TypeFields)
            : null;
        var schemas = validation.CheckSchemas && (issues.Wants(IssueTypes.SchemaViolation) || issues.Wants(IssueTypes.UnusableSchema))
            ? await SchemaCheck.LoadAsync(source, validation, cancellationToken)
            : null;
        using var duplicates = issues.Wants(IssueTypes.SemanticDuplicate) ? new DuplicateCheck(source, validation, resolution.TypeFields) : null;
        foreach (var schema in schemas?.TakeUnusable() ?? [])
        {
            if (issues.Wants(IssueTypes.UnusableSchema))
            {
                yield return issues.OfSchema(schema);
            }
        }

        string? last = null;
        var collisions = 0;
        var found = new List<IntegrityIssue>();
        var told = Stopwatch.GetTimestamp();
        var total = 0L;
        var unsettled = 0;
        await foreach (var document in DocumentsAsync(request, statistics, cancellationToken))
        {
            using var whole = DeepDocument.TryParse(document.Utf8);
            using var body = whole ?? DeepDocument.ParseMost(document.Utf8);
            var types = DocumentTypes.Of(body.RootElement, resolution.TypeFields);
            references?.Add(document.Id, types);
            statistics.AddBody(document.Utf8.Length);
            if (!document.Id.StartsWith("_design/", StringComparison.Ordinal) && schemas?.IsSchema(document.Id) != true && IsWanted(types, request))
            {
                var revision = DocumentFields.Member(body.RootElement, CouchMembers.Revision)?.ToString() ?? "";
                statistics.AddWrites(1, RevisionId.TryParse(revision, out var written) ? written.Generation : 1);
                if (whole is null)
                {
                    TellDeep(document.Id, revision, types, issues, statistics, request, found);
                }
                else
                {
                    Examine(document.Id, revision, types, document.Utf8, body.RootElement, fields, schemas, issues, found);
                    references?.Follow(document.Id, revision, types, body.RootElement);
                    duplicates?.Add(document.Id, types, body.RootElement);
                }

                if (document.Id == last && issues.Wants(IssueTypes.IdCollision))
                {
                    var copies = collisions++ < MostCollisions ? await source.ReadCopiesAsync(document.Id, cancellationToken) : [];
                    found.Add(issues.OfCollision(document.Id, First(types), revision, copies));
                }
            }

            last = document.Id;
            foreach (var issue in found)
            {
                total++;
                yield return issue;
            }

            found.Clear();

            // References and duplicates are settled at the end only: what stands in earlier documents would not be known to who goes on here.
            // Nor would those that were not held against a schema which gave out.
            if (references is null && duplicates is null && schemas?.GaveOut != true && request.Settled is { } settled && ++unsettled == DocumentsToSettle)
            {
                unsettled = 0;
                await settled(new ScanPosition { LeavesDone = true, DocumentId = last, Documents = statistics.Documents }, cancellationToken);
            }

            if (request.Progress is { } progress && Stopwatch.GetElapsedTime(told) > ProgressInterval)
            {
                told = Stopwatch.GetTimestamp();
                progress.Report(new WorkProgress("Validating", statistics.DocumentsRead, source.ExpectedDocuments, "documents", total));
            }
        }

        if (references is not null)
        {
            await foreach (var (document, faults, hasRepair) in references.MissingAsync(cancellationToken))
            {
                yield return issues.Of(IssueTypes.MissingReference, document.Id, document.DocumentType, document.Revision, faults, hasRepair);
            }
        }

        if (duplicates is not null)
        {
            await foreach (var issue in DuplicatesAsync(duplicates, issues, request, cancellationToken))
            {
                yield return issue;
            }
        }

        statistics.Miss(schemas?.UsesAll == false ? [IssueTypes.SchemaViolation] : []);
        statistics.LeaveOut(source.UnreadableEntries.Count > 0 ? request.Types : NotChecked(references is not null, schemas), partly: true);
    }

    // A document that is asked for may be one with any other, so all of them have to be seen.
    private async IAsyncEnumerable<IntegrityIssue> DuplicatesAsync(
        DuplicateCheck duplicates, ContentIssues issues, ScanRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Subjects.Count > 0)
        {
            await foreach (var document in source.ReadDocumentsAsync(new ScanStatistics(), cancellationToken))
            {
                using var body = DeepDocument.ParseMost(document.Utf8);
                var types = DocumentTypes.Of(body.RootElement, resolution.TypeFields);
                if (!request.Subjects.Contains(document.Id) && !document.Id.StartsWith("_design/", StringComparison.Ordinal) && IsWanted(types, request))
                {
                    duplicates.Add(document.Id, types, body.RootElement);
                }
            }
        }

        var merge = new DuplicateMerge(resolution);
        await foreach (var group in duplicates.GroupsAsync(cancellationToken))
        {
            if (request.Subjects.Count == 0 || group.Members.Any(member => request.Subjects.Contains(member.Id)))
            {
                var decided = group.Members.All(member => member.Live.Count() == 1) && group.Count == group.Members.Count
                    && merge.Merge(group.Rule, merge.Order(group.Members, _ => 0, out _), firstWins: false).Undecided.Count == 0;
                yield return issues.OfDuplicates(group, resolution, decided);
            }
        }
    }

    private static IEnumerable<string> NotChecked(bool references, SchemaCheck? schemas) =>
        new[] { IssueTypes.MissingReference }.Where(_ => !references).Concat(schemas?.UsesAll == true ? [] : [IssueTypes.SchemaViolation]);

    private bool Mends(ReadOnlyMemory<byte> utf8, FieldCheck fields, SchemaCheck? schemas) => validation.Migrations.Count > 0
        && new SchemaUpdate(validation, resolution.TypeFields, new RuleCheck(resolution.TypeFields, fields, schemas)).Of(DocumentReader.Read(utf8), out _, out var left) is not null && left is null;

    private static string? First(IReadOnlyList<string> types) => types.Count > 0 ? types[0] : null;

    private static bool IsWanted(IReadOnlyList<string> types, ScanRequest request) =>
        request.DocumentTypes.Count == 0
        || types.Any(type => request.DocumentTypes.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, type, ignoreCase: false)));

    private void Examine(
        string id, string revision, IReadOnlyList<string> types, ReadOnlyMemory<byte> utf8, JsonElement document, FieldCheck fields, SchemaCheck? schemas, ContentIssues issues,
        List<IntegrityIssue> found)
    {
        if (issues.Wants(IssueTypes.UnknownType) && fields.TypeFault(types, First(resolution.TypeFields) ?? "type") is { } fault)
        {
            found.Add(issues.Of(IssueTypes.UnknownType, id, First(types), revision, [fault]));
        }

        if (issues.Wants(IssueTypes.MissingField) && fields.MissingFields(types, document) is { Count: > 0 } missing)
        {
            found.Add(issues.Of(IssueTypes.MissingField, id, First(types), revision, missing, Mends(utf8, fields, schemas)));
        }

        if (schemas?.Faults(types, document) is { Count: > 0 } violations && issues.Wants(IssueTypes.SchemaViolation))
        {
            found.Add(issues.Of(IssueTypes.SchemaViolation, id, First(types), revision, violations, Mends(utf8, fields, schemas)));
        }

        if (issues.Wants(IssueTypes.UnusableSchema))
        {
            found.AddRange(schemas?.TakeUnusable().Select(issues.OfSchema) ?? []);
        }
    }

    private static void TellDeep(
        string id, string revision, IReadOnlyList<string> types, ContentIssues issues, ScanStatistics statistics, ScanRequest request, List<IntegrityIssue> found)
    {
        statistics.LeaveOut(request.Types.Intersect(Types), partly: true);
        if (issues.Wants(IssueTypes.UnreadableEntry))
        {
            found.Add(issues.OfDeep(id, First(types), revision));
        }
        else
        {
            statistics.Remark($"'{id}' was not looked into: it is {DeepDocument.Reason}.");
        }
    }

    private async IAsyncEnumerable<DocumentBody> DocumentsAsync(
        ScanRequest request, ScanStatistics statistics, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (request.Subjects.Count == 0)
        {
            await using var ahead = new DocumentsAhead(source.ReadDocumentsAsync(statistics, cancellationToken), cancellationToken);
            await foreach (var document in ahead.ReadAsync(cancellationToken))
            {
                statistics.AddDocumentsRead(1);
                yield return document;
            }

            yield break;
        }

        await foreach (var leaves in source.ReadLeavesAsync([.. request.Subjects.Distinct(StringComparer.Ordinal)], cancellationToken))
        {
            statistics.AddDocuments(1);
            if (!leaves.Winner.Deleted)
            {
                statistics.AddDocumentsRead(1);
                yield return new DocumentBody(leaves.Id, leaves.Winner.Body.Utf8);
            }
        }
    }
}
