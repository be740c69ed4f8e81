using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>What a database has beside its documents.</summary>
internal static class DatabaseSettings
{
    private static readonly string[] Members = ["_security", "_revs_limit", "_purged_infos_limit"];

    // A database without members of its own has one of these two, by the server's default_security.
    private static readonly Dictionary<string, RawJson[]> New = new(StringComparer.Ordinal)
    {
        ["_security"] = [RawJson.FromText("{}"), RawJson.FromText("""{"members":{"roles":["_admin"]},"admins":{"roles":["_admin"]}}""")],
        ["_revs_limit"] = [RawJson.FromText("1000")],
        ["_purged_infos_limit"] = [RawJson.FromText("1000")],
    };

    /// <summary>Those of CouchDB that were not shown to whoever asked, since he is no admin.</summary>
    public static IEnumerable<string> NotShown(CouchClient client, IReadOnlyDictionary<string, RawJson> shown) => client.IsCouchDb ? Members.Except(shown.Keys) : [];

    /// <summary>Reads them; what a server lacks, or does not show, is passed over.</summary>
    public static async Task<IReadOnlyDictionary<string, RawJson>> ReadAsync(CouchClient client, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        foreach (var member in Members)
        {
            if (await client.Members.GetMemberAsync(member, cancellationToken).ConfigureAwait(false) is { } value)
            {
                settings[member] = value;
            }
        }

        return settings;
    }

    /// <summary>Those that differ between a database and a backup.</summary>
    public static async Task<IReadOnlyList<string>> DifferAsync(CouchClient client, IReadOnlyList<BackupManifest> chain, CancellationToken cancellationToken)
    {
        var saved = chain[^1].Settings;
        var present = await ReadAsync(client, cancellationToken).ConfigureAwait(false);
        return [.. Members.Where(member => saved.ContainsKey(member) && present.TryGetValue(member, out var now) && !AreEqual(now, saved[member]))];
    }

    /// <summary>True when a database is set as the server makes it, nobody has set anything yet, and this name could.</summary>
    public static async Task<bool> AreAsNewAsync(CouchClient client, CancellationToken cancellationToken)
    {
        var present = await ReadAsync(client, cancellationToken).ConfigureAwait(false);
        return !NotShown(client, present).Any() && present.All(setting => IsNew(setting.Key, setting.Value));
    }

    private static bool IsNew(string member, RawJson value) => New[member].Any(known => AreEqual(value, known));

    private static bool AreEqual(RawJson one, RawJson other)
    {
        using var left = one.Parse();
        using var right = other.Parse();
        return System.Text.Json.JsonElement.DeepEquals(left.RootElement, right.RootElement);
    }

    /// <summary>Sets them in a database that was made for a restore, and writes the <c>_local</c> documents that were saved; what somebody else has set or written meanwhile stays.</summary>
    /// <param name="client">The database.</param>
    /// <param name="chain">The backup and what it builds on.</param>
    /// <param name="refused">Told of what cannot be written.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What stays and differs from the backup's.</returns>
    public static async Task<IReadOnlyList<string>> RestoreAsync(
        CouchClient client, IReadOnlyList<BackupManifest> chain, Action<string> refused, CancellationToken cancellationToken)
    {
        var settings = chain[^1].Settings;
        var present = await ReadAsync(client, cancellationToken).ConfigureAwait(false);
        var kept = Members.Where(member => settings.TryGetValue(member, out var saved) && present.TryGetValue(member, out var now) && !IsNew(member, now) && !AreEqual(now, saved)).ToList();

        // A database without members of its own answers {} where the write asks for a whole object; there is nothing to set then.
        foreach (var member in Members.Except(kept).Where(member => settings.TryGetValue(member, out var saved) && !saved.Utf8.Span.SequenceEqual("{}"u8)))
        {
            await client.Members.PutMemberAsync(member, settings[member], cancellationToken).ConfigureAwait(false);
        }

        if (chain.Select(link => SavedDocuments.PathOf(link, "local")).LastOrDefault(found => found is not null) is { } path)
        {
            kept.AddRange(await LocalDocuments.RestoreAsync(client, path, refused, cancellationToken).ConfigureAwait(false));
        }

        return kept;
    }
}
