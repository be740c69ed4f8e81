using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Dumps;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>The <c>_local</c> documents of a database, a page at a time; none where the server does not list them.</summary>
/// <param name="client">The database.</param>
/// <param name="pageSize">How many are asked for at once.</param>
internal sealed class LocalDocuments(CouchClient client, int pageSize = 500)
{
    private const string Prefix = "_local/";

    // What this program keeps there is about runs that are under way, not about the data.
    private const string Own = "_local/integritytools-";

    /// <summary>Reads them, but for this program's own.</summary>
    public async IAsyncEnumerable<RawJson> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? last = null; ;)
        {
            // A page begins with the last of the one before: a document's key says where it stands, and not what follows it.
            var member = string.Create(CultureInfo.InvariantCulture, $"_local_docs?include_docs=true&limit={pageSize + 1}")
                + (last is null ? "" : "&startkey=" + Uri.EscapeDataString($"\"{JsonEncodedText.Encode(last)}\""));
            if (await client.Members.GetMemberAsync(member, cancellationToken).ConfigureAwait(false) is not { } answer)
            {
                yield break;
            }

            using var page = answer.Parse();
            var rows = page.RootElement.GetProperty("rows");
            var repeated = last;
            foreach (var row in rows.EnumerateArray())
            {
                last = row.GetProperty("id").GetString()!;
                var document = row.GetProperty("doc");

                // One that was removed between its listing and its reading has null in its place.
                if (last != repeated && !last.StartsWith(Own, StringComparison.Ordinal) && document.ValueKind == JsonValueKind.Object)
                {
                    yield return RawJson.FromText(document.GetRawText());
                }
            }

            // More than were asked for: the server knows no pages and has given all.
            if (rows.GetArrayLength() != pageSize + 1 || last == repeated)
            {
                yield break;
            }
        }
    }

    /// <summary>Writes those of a backup that are not there.</summary>
    /// <param name="client">The database.</param>
    /// <param name="path">The file of the backup.</param>
    /// <param name="refused">Told of what cannot be read, and of what the server refuses; the others are written.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The ids of those that are there with another content, which stays.</returns>
    public static async Task<IReadOnlyList<string>> RestoreAsync(CouchClient client, string path, Action<string> refused, CancellationToken cancellationToken)
    {
        var kept = new List<string>();
        await using var file = File.OpenRead(path);
        var dump = new DumpReader(DumpFile.Uncompress(file));
        while (await dump.ReadAsync(cancellationToken).ConfigureAwait(false) is { } entry)
        {
            var document = new RawJson(entry.Bytes.ToArray());
            if (entry.Fault is not null || CouchAnswers.NameOf(document).Id is not { } id || !id.StartsWith(Prefix, StringComparison.Ordinal))
            {
                refused(string.Create(CultureInfo.InvariantCulture, $"line {entry.Line} of the _local documents: {entry.Fault ?? "it is no _local document"}"));
                continue;
            }

            // One request each: a bulk write of them is not what every server takes.
            try
            {
                if (await client.Members.AddLocalDocumentAsync(id, document, cancellationToken).ConfigureAwait(false) is { } present && DocumentText.Digest(present) != DocumentText.Digest(document))
                {
                    kept.Add(id);
                }
            }
            catch (IntegrityException failure) when (failure.ErrorId is ErrorIds.TooLarge or ErrorIds.UnexpectedAnswer)
            {
                refused($"{id}: {failure.Message}");
            }
        }

        return kept;
    }
}
