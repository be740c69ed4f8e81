using System.Globalization;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>Tells whether a database is still the one of a checkpoint, so that what was not changed since need not be looked at.</summary>
internal static class IncrementalStart
{
    // Of each shard some: a feed backwards is not in the order of time across them.
    private const int Witnesses = 12;

    /// <summary>Why everything has to be looked at; null: what was changed is enough.</summary>
    /// <param name="client">The database.</param>
    /// <param name="source">The same, for the witness.</param>
    /// <param name="since">The checkpoint.</param>
    /// <param name="here">What the database tells now, and the rules now.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="earlier">What the checkpoint is of, in words.</param>
    public static async Task<string?> WhyNotAsync(
        CouchClient client, ICouchSource source, ScanCheckpoint since, ScanCheckpoint here, CancellationToken cancellationToken, string earlier = "the earlier scan")
    {
        if (since.Rules != here.Rules)
        {
            return "the configured rules, a schema or this program's version are not what they were then";
        }

        if (since.Incarnation != here.Incarnation)
        {
            return $"the database was made anew since {earlier}";
        }

        if (Number(here.Sequence) is { } now && Number(since.Sequence) is { } then && now < then)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the database was put back to an older state: its update sequence is {now}, and was {then}");
        }

        // A sequence that was reached a second time, by other writes, tells nothing; what was written last before the first time does.
        var (taking, losing) = (client.TakesSequenceAsync(since.Sequence, cancellationToken), LostAsync(client, source, since, cancellationToken));
        await Task.WhenAll(taking, losing);
        return !await taking ? $"the server does not know the update sequence of {earlier}"
            : await losing is { } lost ? $"the database was put back to an older state, or purged: '{lost}' has lost the revision {since.Witnesses[lost]}"
            : null;
    }

    private static async Task<string?> LostAsync(CouchClient client, ICouchSource source, ScanCheckpoint since, CancellationToken cancellationToken)
    {
        if (since.Witnesses.Count == 0)
        {
            return null;
        }

        var listed = await client.GetLeafRevisionsAsync([.. since.Witnesses.Keys], cancellationToken);
        var lost = since.Witnesses
            .Where(witness => listed.GetValueOrDefault(witness.Key)?.Leaves.Any(leaf => leaf.ToString() == witness.Value) != true).Select(witness => witness.Key).ToList();
        if (lost.Count > 0)
        {
            // They were written again since: then it stands in a history.
            await foreach (var leaves in source.ReadLeavesAsync([.. lost], cancellationToken))
            {
                if (leaves.Leaves.Any(leaf => leaf.History.Any(known => known.ToString() == since.Witnesses[leaves.Id])))
                {
                    lost.Remove(leaves.Id);
                }
            }
        }

        return lost.FirstOrDefault();
    }

    /// <summary>The documents that were written last, each with a leaf, by which <see cref="WhyNotAsync"/> knows the database again.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> WitnessesAsync(CouchClient client, CancellationToken cancellationToken) =>
        (await client.GetLastChangesAsync(Witnesses, cancellationToken))

            // An id that two shards hold is listed twice.
            .DistinctBy(entry => entry.Id, StringComparer.Ordinal).ToDictionary(entry => entry.Id, entry => entry.Leaves[0].ToString(), StringComparer.Ordinal);

    /// <summary>How many updates a sequence counts: CouchDB begins its opaque ones with that; other servers of the protocol count alone.</summary>
    public static long? Number(string? sequence) =>
        sequence is not null && long.TryParse(sequence.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
