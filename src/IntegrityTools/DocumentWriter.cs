using IntegrityTools.Configuration;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.CouchDb.Writing;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools;

/// <summary>
/// An application's own writes to a CouchDB database: a document is checked by the configured rules before it is written, and when somebody
/// else has written meanwhile (409), both edits are merged by the rules that resolve conflicts. Safe for use by several threads.
/// </summary>
/// <remarks>Nothing is recorded in the ledger: this is the application's work and not a repair.</remarks>
public sealed class DocumentWriter : IAsyncDisposable
{
    // With that many others at the same document each of them has had its turn.
    private const int MostAttempts = 100;

    private readonly CouchClient client;
    private readonly ServerSource source;
    private readonly ResolutionSettings resolution;
    private readonly ValidationSettings validation;

    private DocumentWriter(CouchClient client, string store, IntegrityConfiguration configuration)
    {
        this.client = client;
        Store = store;
        resolution = configuration.Resolution;
        validation = configuration.Validation;
        source = new ServerSource(client);
    }

    /// <summary>The database's address, without secrets.</summary>
    public string Store { get; }

    /// <summary>Opens a database for writes under an engine's configuration; nothing is sent yet.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="store">A configured name or an address of a database on a server; null: the default store.</param>
    /// <param name="credential">Name and password; null: as configured.</param>
    /// <exception cref="IntegrityException">There is no such store, or it is no database on a CouchDB server.</exception>
    public static DocumentWriter Open(IntegrityEngine engine, string? store = null, StoreCredential? credential = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var reference = engine.Stores.Resolve(store);
        if (reference.Address.Kind != "couchdb")
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "Single documents are written to databases on a CouchDB server only.", reference.Address.Canonical, "Name a store of kind couchdb.");
        }

        var client = CouchServerProvider.Client(
            reference, credential ?? StoreCatalog.CredentialFor(reference, Environment.GetEnvironmentVariable), engine.Configuration);
        return new DocumentWriter(client, reference.Address.Canonical, engine.Configuration);
    }

    /// <summary>
    /// Holds one document against the configured rules, as if it stood in the database: required fields, known types, its type's schema, and that
    /// its references lead somewhere. Nothing is written. Keys in common with other documents only a scan finds.
    /// </summary>
    /// <param name="document">The whole document, a JSON object with its <c>_id</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The issues that a scan would find; empty when the document is right.</returns>
    /// <exception cref="IntegrityException">It is no document, or the database cannot be read.</exception>
    public async Task<IReadOnlyList<IntegrityIssue>> CheckAsync(RawJson document, CancellationToken cancellationToken)
    {
        var given = GivenDocument.Read(document);
        var scanner = new ContentScanner(new GivenSource(source, given.Id, document), Store, resolution, validation);
        var request = new ScanRequest { ScanId = string.Empty, Types = IssueTypes.Expand(["validation"]) };
        return await scanner.ScanAsync(request, new ScanStatistics(), cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives an edited document that came through objects the texts of its dates back: one that names the same moment as in the revision that was edited, in another
    /// form (<c>08:00:00Z</c> for <c>10:00:00+02:00</c>), is no edit.
    /// </summary>
    /// <param name="document">As of <see cref="SaveAsync"/>.</param>
    /// <param name="asRead">The revision that was edited, as text; null: the server is asked for it, if the document has dates.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The document, as given where there is no such date or the server no longer has that revision.</returns>
    /// <exception cref="IntegrityException">It is no document, or the database cannot be read.</exception>
    public async Task<RawJson> KeepDatesAsync(RawJson document, RawJson? asRead, CancellationToken cancellationToken)
    {
        var given = GivenDocument.Read(document);
        if (given.Parent is not { } parent || !UneditedDates.AreIn(DocumentFields.Parse(document.Utf8)))
        {
            return document;
        }

        asRead ??= (await source.ReadRevisionsAsync([new RevisionRequest(given.Id, parent)], cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false))?.Body;
        return asRead is { } before ? UneditedDates.Keep(document, before) : document;
    }

    /// <summary>Does all of <see cref="SaveAsync"/> that comes before the first write: reads the document and, if so asked, checks it.</summary>
    /// <returns>The document's id.</returns>
    /// <exception cref="IntegrityException">It is no document, or <see cref="ErrorIds.DocumentRefused"/>: it breaks a rule.</exception>
    public async Task<string> PrepareAsync(RawJson document, SaveOptions? options, CancellationToken cancellationToken)
    {
        var given = GivenDocument.Read(document);
        await RequireAsync(
            given.Id, document, options, "The document", "Mend the document or the schema, or write it without the check.", cancellationToken).ConfigureAwait(false);
        return given.Id;
    }

    /// <summary>
    /// Writes a document. Without a <c>_rev</c> it is a new one; with it, an edit of that revision. When the document has been written meanwhile, what
    /// this edit changed is merged into what stands now and written again, until it is accepted: no update is lost.
    /// </summary>
    /// <param name="document">The whole document as it should be: a JSON object with its <c>_id</c>, with <c>_rev</c> as it was read, and with the stubs of the attachments that stay.</param>
    /// <param name="options">How; null: checked, and the server is asked for the revision that was edited.</param>
    /// <param name="cancellationToken">Cancels before the next attempt.</param>
    /// <exception cref="IntegrityException">
    /// <see cref="ErrorIds.DocumentRefused"/>: it breaks a rule, as it is or merged with what others have written. <see cref="ErrorIds.DocumentConflict"/>: edits collide and no rule decides, or it was
    /// deleted meanwhile; nothing was written. <see cref="ErrorIds.StoreUnavailable"/>: the server cannot be reached; whether the last attempt arrived is then unknown.
    /// </exception>
    public async Task<DocumentSave> SaveAsync(RawJson document, SaveOptions? options, CancellationToken cancellationToken)
    {
        await PrepareAsync(document, options, cancellationToken).ConfigureAwait(false);
        return await SavePreparedAsync(document, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does the rest of <see cref="SaveAsync"/> for a document that <see cref="PrepareAsync"/> has let pass: what is given is not checked again, what it is merged into is.</summary>
    /// <param name="document">As of <see cref="SaveAsync"/>.</param>
    /// <param name="options">As of <see cref="SaveAsync"/>.</param>
    /// <param name="cancellationToken">Cancels before the next attempt.</param>
    /// <exception cref="IntegrityException">As of <see cref="SaveAsync"/>.</exception>
    public async Task<DocumentSave> SavePreparedAsync(RawJson document, SaveOptions? options, CancellationToken cancellationToken)
    {
        var given = GivenDocument.Read(document);
        var merge = new SaveMerge(source, resolution, given, options?.Original);
        var next = new SaveAttempt(document, given.Parent, given.Own, [], false);
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await WriteAsync(given.Id, next, cancellationToken).ConfigureAwait(false) is { } revision)
            {
                return Saved(given, next, revision, attempt);
            }

            next = await merge.NextAsync(cancellationToken).ConfigureAwait(false);
            if (next.Standing is { } standing)
            {
                return Saved(given, next, standing, attempt);
            }

            await RequireAsync(
                given.Id, next.Document, options, $"Somebody else has written {next.Parent} meanwhile: the document that holds both edits",
                "Read the document again and repeat the edit in a way that suits the rules, or write it without the check.", cancellationToken).ConfigureAwait(false);
        }

        throw new IntegrityException(
            ErrorIds.DocumentConflict, $"The document was written by somebody else before each of {MostAttempts} attempts.", given.Id,
            "Try again; if that goes on, let fewer writers share one document.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task RequireAsync(
        string id, RawJson document, SaveOptions? options, string what, string nextStep, CancellationToken cancellationToken)
    {
        options ??= new SaveOptions();
        var issues = options.Check ? await CheckAsync(document, cancellationToken).ConfigureAwait(false) : [];
        var grave = issues.Where(issue => issue.Severity >= options.RefuseFrom && (issue.Evidence is not SchemaEvidence schema || IsOf(document, schema.DocumentType))).ToList();
        if (grave.Count > 0)
        {
            var why = grave.All(issue => issue.Evidence is SchemaEvidence) ? "cannot be held against the configured rules" : "breaks the configured rules";
            throw new IntegrityException(
                ErrorIds.DocumentRefused, $"{what} {why} and was not written: {string.Join(" ", grave.Select(issue => issue.Message))}", id, nextStep);
        }
    }

    // A schema that cannot be used keeps nobody from writing documents of other types.
    private bool IsOf(RawJson document, string type) =>
        DocumentTypes.Of(DocumentFields.Parse(document.Utf8), resolution.TypeFields).Contains(type, StringComparer.Ordinal);

    private static DocumentSave Saved(GivenDocument given, SaveAttempt attempt, RevisionId revision, int attempts) => new()
    {
        Id = given.Id,
        Revision = revision.ToString(),
        Attempts = attempts,
        Merged = attempt.Merged,
        Document = attempt.Own,
        Discarded = attempt.Discarded,
    };

    /// <summary>The revision that was written; null when the server refuses it as a conflict.</summary>
    private async Task<RevisionId?> WriteAsync(string id, SaveAttempt attempt, CancellationToken cancellationToken)
    {
        IReadOnlyList<WriteResult> results;
        try
        {
            results = await client.BulkDocsAsync([attempt.Document], newEdits: true, cancellationToken).ConfigureAwait(false);
        }
        catch (IntegrityException lost) when (lost.ErrorId == ErrorIds.StoreUnavailable)
        {
            return await ArrivedAsync(id, attempt, cancellationToken).ConfigureAwait(false) ?? throw new IntegrityException(
                lost.ErrorId, lost.Message, id, "Read the document to see whether the write arrived, then write again from what stands there.", lost);
        }

        var result = results.Count == 1 ? results[0] : throw new IntegrityException(
            ErrorIds.UnexpectedAnswer, $"The server answered {Counted.Of(results.Count, "result")} to one document.", id, "Read the document to see whether it was written.");
        return result.Revision is { } revision ? RevisionId.Parse(revision)
            : result.Error == "conflict" ? null
            : throw new IntegrityException(
                ErrorIds.DocumentRefused, $"The server refused the document: {result.Error}: {result.Reason}", id, "Mend what the server names; a design document may check writes.");
    }

    /// <summary>An answer was lost: what was sent stands there, or became an ancestor of what does, when it arrived.</summary>
    private async Task<RevisionId?> ArrivedAsync(string id, SaveAttempt attempt, CancellationToken cancellationToken)
    {
        var digest = DocumentText.Digest(attempt.Own);
        await foreach (var leaves in source.ReadLeavesAsync([id], cancellationToken).ConfigureAwait(false))
        {
            var children = leaves.Leaves.SelectMany(leaf => leaf.History.Where((_, index) =>
                index + 1 < leaf.History.Count ? leaf.History[index + 1] == attempt.Parent : attempt.Parent is null));
            var requests = children.Distinct().Select(child => new RevisionRequest(id, child)).ToList();
            await foreach (var revision in source.ReadRevisionsAsync(requests, cancellationToken).ConfigureAwait(false))
            {
                if (!revision.Deleted && DocumentText.Digest(revision.Body) == digest)
                {
                    return revision.Revision;
                }
            }
        }

        return null;
    }
}
