using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Backups;

/// <summary>What a database has beside its documents.</summary>
internal static class DatabaseSettings
{
    private static readonly string[] Members = ["_security", "_revs_limit", "_purged_infos_limit"];

    /// <summary>Reads them; a server that lacks one is passed over.</summary>
    public static async Task<IReadOnlyDictionary<string, RawJson>> ReadAsync(CouchClient client, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        foreach (var member in Members)
        {
            if (await client.GetMemberAsync(member, cancellationToken).ConfigureAwait(false) is { } value)
            {
                settings[member] = value;
            }
        }

        return settings;
    }

    /// <summary>Sets them in a database that was made for a restore.</summary>
    public static async Task WriteAsync(CouchClient client, IReadOnlyDictionary<string, RawJson> settings, CancellationToken cancellationToken)
    {
        foreach (var member in Members.Where(settings.ContainsKey))
        {
            // A database without members of its own answers {} where the write asks for a whole object; there is nothing to set then.
            if (!settings[member].Utf8.Span.SequenceEqual("{}"u8))
            {
                await client.PutMemberAsync(member, settings[member], cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
