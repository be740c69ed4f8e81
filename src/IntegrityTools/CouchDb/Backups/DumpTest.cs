using System.Globalization;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Attachments;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>
/// Tests a chain of dumps: reads every document and counts, then restores all of it, into one dump in a scratch folder or a scratch database on a
/// server, and scans that.
/// </summary>
/// <param name="chain">The backup and all that it builds on, oldest first.</param>
/// <param name="configuration">The configuration to scan with; null to read and count only.</param>
internal sealed class DumpTest(IReadOnlyList<BackupManifest> chain, IntegrityConfiguration? configuration)
{
    private const int MostFaults = 20;
    private readonly List<BackupFault> faults = [];
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal) { ["revisions"] = 0, ["attachments"] = 0 };

    public async Task<BackupVerification> RunAsync(BackupTarget? target, CancellationToken cancellationToken)
    {
        foreach (var link in chain)
        {
            await CountAsync(link, cancellationToken).ConfigureAwait(false);
        }

        string? place = null;
        IReadOnlyDictionary<string, int>? issues = null;
        var types = Types();
        if (configuration is not null && faults.Count == 0)
        {
            (place, issues) = target is null
                ? await InFileAsync(configuration, types, cancellationToken).ConfigureAwait(false)
                : await OnServerAsync(target, types, cancellationToken).ConfigureAwait(false);
        }

        return new BackupVerification
        {
            BackupId = chain[^1].Id,
            Path = chain[^1].Path,
            Faults = faults,
            Counts = counts,
            RestoredTo = place,
            IssuesByType = issues,
            NotLookedFor = issues is null ? [] : [.. IssueTypes.OfCouchDb.Except(types).Except(IssueTypes.OnRequest).Order(StringComparer.Ordinal)],
        };
    }

    private async Task CountAsync(BackupManifest link, CancellationToken cancellationToken)
    {
        var path = SavedDocuments.PathOf(link, "documents")!;
        if (!File.Exists(path))
        {
            return; // Told already: its digest could not be made.
        }

        var (revisions, attachments) = (0L, 0L);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        await using var content = DumpFile.Uncompress(file);
        var reader = new DumpReader(content);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } entry)
        {
            try
            {
                var revision = entry.Fault is null ? DocumentReader.Read(entry.Bytes, entry.Held) : throw new JsonException(entry.Fault);
                revisions++;
                attachments += revision.Attachments.Count;
                if (AttachmentStubs.AreIn(revision))
                {
                    Report(path, string.Create(CultureInfo.InvariantCulture, $"line {entry.Line}"), $"It names attachments of '{revision.Id}' and has not their data: no restore can write this document.");
                }
            }
            catch (JsonException exception)
            {
                Report(path, string.Create(CultureInfo.InvariantCulture, $"line {entry.Line}"), $"It cannot be read: {exception.Message.TrimEnd('.')}.");
            }
        }

        Compare(path, "revisions", link, revisions);
        Compare(path, "attachments", link, attachments);
    }

    private void Compare(string path, string what, BackupManifest link, long found)
    {
        counts[what] += found;
        if (link.Counts.TryGetValue(what, out var written) && written != found)
        {
            Report(path, null, string.Create(CultureInfo.InvariantCulture, $"It holds {found} {what}, and was written with {written}."));
        }
    }

    private void Report(string path, string? place, string message)
    {
        if (faults.Count < MostFaults)
        {
            faults.Add(new BackupFault(path, place, message));
        }
    }

    private async Task<(string Place, IReadOnlyDictionary<string, int> Issues)> InFileAsync(
        IntegrityConfiguration settings, IReadOnlySet<string> types, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("integrity-restore-").FullName;
        try
        {
            var path = Path.Combine(folder, "restored.jsonl");
            await using (var writer = new DumpWriter(path))
            {
                await using var documents = new SavedDocuments(chain, [], keepsAttachments: true);
                await foreach (var batch in documents.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    foreach (var document in batch)
                    {
                        using var saved = document;
                        foreach (var revision in saved.Revisions)
                        {
                            await writer.WriteAsync(revision, cancellationToken).ConfigureAwait(false);
                        }
                    }
                }

                await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            }

            var address = StoreAddress.Parse("couchdump:" + path);
            await using var store = new CouchDumpProvider().Open(new StoreReference(address, null), null, settings);
            return (address.Canonical, await ScanAsync(store, types, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<(string Place, IReadOnlyDictionary<string, int> Issues)> OnServerAsync(
        BackupTarget target, IReadOnlySet<string> types, CancellationToken cancellationToken)
    {
        var own = target.Reference.Address;
        var name = "integrity_test_" + Guid.NewGuid().ToString("N");
        var address = StoreAddress.Parse(own.Canonical[..(own.Canonical.LastIndexOf('/') + 1)] + name);
        var scratch = target with { Reference = new StoreReference(address, null) };
        var client = CouchBackupProvider.Client(scratch);
        await using var source = new ServerSource(client);
        try
        {
            await client.CreateDatabaseAsync(cancellationToken).ConfigureAwait(false);
            var writer = new RestoreWriter(client, source, null);
            await using var documents = new SavedDocuments(chain, [], keepsAttachments: true);
            await writer.WriteAsync(documents, 0, known: false, begun: null, cancellationToken).ConfigureAwait(false);
            foreach (var failed in writer.Refused)
            {
                Report(address.Canonical, null, failed);
            }

            await using var store = new CouchServerProvider().Open(scratch.Reference, scratch.Credential, target.Configuration);
            return (address.Canonical, await ScanAsync(store, types, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            await client.DeleteDatabaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    // As a scan without a choice of types, but for what a scratch database has of its own: sizes, counts, and indexes that nobody has built yet.
    private HashSet<string> Types() =>
        IssueTypes.Expand([], configuration?.Validation.AsksForBodies == true).Where(IssueTypes.OfDumps.Contains).ToHashSet(StringComparer.Ordinal);

    private async Task<IReadOnlyDictionary<string, int>> ScanAsync(IIntegrityStore store, IReadOnlySet<string> types, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var statistics = new ScanStatistics();
        var request = new ScanRequest { ScanId = Identifiers.New("scan"), Types = types };
        await foreach (var issue in store.ScanAsync(request, statistics, cancellationToken).ConfigureAwait(false))
        {
            found[issue.Type] = found.GetValueOrDefault(issue.Type) + 1;
        }

        counts["documents"] = statistics.Documents;
        return found;
    }
}
