using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Ledger;

/// <summary>
/// Walks the chain from its base to its head and names what is wrong. What it cannot see: without a key, a rewrite of all events
/// from some point on together with the head, by somebody who knows this program; with or without a key, a whole file replaced by an
/// older copy of itself. Against both, keep <see cref="LedgerVerification.LastHash"/> elsewhere.
/// </summary>
internal sealed class LedgerVerifier(SqliteConnection connection, LedgerSeal seal)
{
    private const int MostNamedInOneGap = 1000;
    private readonly SortedDictionary<long, LedgerFault> faults = [];
    private StoredEvent? last;
    private long shift;
    private bool lastMoved;
    private bool checkHashes;

    /// <summary>Verifies the ledger in a file; one that is not there yet has no fault.</summary>
    public static LedgerVerification Verify(string path, byte[]? key, CancellationToken cancellationToken)
    {
        try
        {
            using var own = new LedgerSeal(key);
            using var connection = LedgerConnection.OpenForReading(path);
            return connection is null
                ? new LedgerVerification(true, 0, Convert.ToHexStringLower(new byte[LedgerSeal.HashSize]), own.KeyId is not null, [])
                : new LedgerVerifier(connection, own).Verify(path, cancellationToken);
        }
        catch (Exception failure) when (LedgerErrors.Explains(failure))
        {
            throw LedgerErrors.From(failure, path);
        }
    }

    public LedgerVerification Verify(string path, CancellationToken cancellationToken)
    {
        // One transaction, so that events, head and state are of one moment while others append.
        using var transaction = connection.BeginTransaction(deferred: true);
        var head = LedgerHead.Read(connection);
        if (head is not null)
        {
            LedgerConnection.CheckKey(path, seal, head);
        }

        checkHashes = head?.KeyId == seal.KeyId;
        var start = head ?? new LedgerHead(long.MaxValue, [], 0, new byte[LedgerSeal.HashSize], null, []);
        long count = 0;
        using (var command = connection.Prepare(LedgerSql.AllEvents))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                count++;
                Check(reader.Event(), start);
            }
        }

        CheckHead(head);
        var list = faults.Values.ToList();
        if (!checkHashes && head is not null)
        {
            list.Insert(0, new LedgerFault(
                head.BaseNumber + 1, "unreadable", "The chain is sealed with a key that is not configured: only numbers and links were checked."));
        }

        // An older ledger's state is made anew from its events before anything relies on it.
        if (LedgerConnection.VersionOf(connection, path) == LedgerSchema.Version)
        {
            CheckState(list);
        }

        var lastHash = Convert.ToHexStringLower(last?.Hash ?? start.BaseHash);
        return new LedgerVerification(list.Count == 0, count, lastHash, head?.KeyId is not null, list);
    }

    private void Check(StoredEvent row, LedgerHead head)
    {
        if (row.Number <= head.BaseNumber || row.Number > head.Number)
        {
            Report(row.Number, "inserted", "is outside the chain, which was not continued by this program");
            return;
        }

        if (last is not null && row.Hash.AsSpan().SequenceEqual(last.Hash))
        {
            Report(row.Number, "inserted", $"is a copy of event {last.Number}");
            shift--;
            last = row;
            return;
        }

        var expected = (last?.Number ?? head.BaseNumber) + 1;
        for (var number = expected; number < Math.Min(row.Number, expected + MostNamedInOneGap); number++)
        {
            Report(number, "removed", row.Number - expected > MostNamedInOneGap ? $"and all up to {row.Number - 1} are missing" : "is missing");
        }

        var linked = row.Previous.AsSpan().SequenceEqual(last?.Hash ?? head.BaseHash);
        var moved = false;
        if (IsAt(row, row.Number + shift))
        {
            // An event that nobody touched follows one that is not its predecessor: what stands there took the predecessor's place.
            if (!linked && last is not null && expected == row.Number && !faults.ContainsKey(last.Number))
            {
                Report(last.Number, "changed", "was replaced by another");
            }
        }
        else if (checkHashes && IsAt(row, row.Number + shift - 1) && last is not null && !lastMoved)
        {
            faults.Remove(last.Number);
            Report(last.Number, "inserted", "was put between two others, and those after it were renumbered");
            shift--;
        }
        else if (checkHashes && IsAt(row, row.Number + shift + 1))
        {
            moved = true;
            if (lastMoved)
            {
                faults.Remove(last!.Number);
                Report(last.Number, "removed", "is missing, and those after it were renumbered");
                shift++;
                moved = false;
            }
            else
            {
                Report(row.Number, "changed", $"stands in another's place: it was appended as {row.Number + shift + 1}");
            }
        }
        else
        {
            Report(row.Number, "changed", "does not match its hash");
        }

        lastMoved = moved;
        last = row;
    }

    private bool IsAt(StoredEvent row, long number) => !checkHashes || seal.HashOf(row, number).AsSpan().SequenceEqual(row.Hash);

    private void CheckHead(LedgerHead? head)
    {
        if (head is null)
        {
            Report((last?.Number ?? 0) + 1, "removed", "and later ones may be missing: the record of the chain's end was removed");
            return;
        }

        if (checkHashes && !seal.HashOfHead(head.Number, head.Hash, head.BaseNumber, head.BaseHash).AsSpan().SequenceEqual(head.Seal))
        {
            Report(head.Number, "changed", "is recorded as the chain's end, and that record was changed: later events may be missing");
        }

        var end = last?.Number ?? head.BaseNumber;
        for (var number = end + 1; number <= Math.Min(head.Number, end + MostNamedInOneGap); number++)
        {
            Report(number, "removed", head.Number - end > MostNamedInOneGap ? $"and all up to {head.Number} are missing at the end" : "is missing at the end");
        }

        if (end == head.Number && last is not null && !last.Hash.AsSpan().SequenceEqual(head.Hash) && !faults.ContainsKey(end))
        {
            Report(end, "changed", "was replaced by another");
        }
    }

    private void CheckState(List<LedgerFault> list)
    {
        try
        {
            connection.Run(LedgerSchema.Shadow());
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode is raw.SQLITE_CONSTRAINT or raw.SQLITE_ERROR)
        {
            list.Add(new LedgerFault(
                last?.Number ?? 0, "projection", $"The present state cannot be compared: an event no longer says what its kind needs ({failure.Message})."));
            return;
        }

        foreach (var table in LedgerSchema.StateTables)
        {
            using var command = connection.Prepare(LedgerSchema.Difference(table));
            var rows = (long)command.ExecuteScalar()!;
            if (rows != 0)
            {
                list.Add(new LedgerFault(
                    last?.Number ?? 0, "projection", $"{rows} rows of the present state ({table}) differ from what the events say; a rebuild mends it."));
            }
        }
    }

    private void Report(long number, string kind, string what) =>
        faults.TryAdd(number, new LedgerFault(number, kind, $"Event {number} {what}."));
}
