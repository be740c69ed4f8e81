using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.Model;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>Answers questions, each on a connection that no other has meanwhile. Makes no file.</summary>
internal sealed class LedgerReader(string path, byte[]? key) : IDisposable
{
    private readonly ReadingConnections connections = new(path);

    /// <summary>Where the chain ends and starts; null: there is no ledger yet, or somebody removed that.</summary>
    public LedgerHead? Head()
    {
        using var lent = connections.Lend();
        return lent is null ? null : LedgerHead.Read(lent.Connection);
    }

    public void Dispose() => connections.Dispose();

    public async IAsyncEnumerable<LedgerEntry> ReadEventsAsync(LedgerQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var seal = new LedgerSeal(key);
        var rows = Rows(
            LedgerSql.Events,
            reader => ToEntry(reader.Event(), seal),
            cancellationToken,
            ("$after", query.After), ("$scan", query.ScanId), ("$plan", query.PlanId), ("$execution", query.ExecutionId),
            ("$kind", query.Kind), ("$limit", query.Limit ?? -1));
        foreach (var row in rows)
        {
            yield return row;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public List<ScanReport> Scans(string? id, CancellationToken cancellationToken) =>
        [.. Rows(LedgerSql.Scans, reader => JsonSerializer.Deserialize(reader.Bytes(0), ModelJson.Default.ScanReport)!, cancellationToken, ("$id", id))];

    /// <summary>The scans of a store, newest first, each read when it is asked for.</summary>
    public IEnumerable<ScanReport> ScansOf(string store, CancellationToken cancellationToken) =>
        Rows(LedgerSql.ScansOf, reader => JsonSerializer.Deserialize(reader.Bytes(0), ModelJson.Default.ScanReport)!, cancellationToken, ("$store", store));

    public IAsyncEnumerable<IntegrityIssue> ReadIssuesAsync(string scanId, CancellationToken cancellationToken) =>
        Sensitive(LedgerSql.Issues, scanId, bytes => JsonSerializer.Deserialize(bytes, ModelJson.Default.IntegrityIssue)!, cancellationToken);

    public IAsyncEnumerable<RepairResult> ReadResultsAsync(string executionId, CancellationToken cancellationToken) =>
        Sensitive(LedgerSql.Results, executionId, bytes => JsonSerializer.Deserialize(bytes, ModelJson.Default.RepairResult)!, cancellationToken);

    public async IAsyncEnumerable<KnownIssue> ReadKnownIssuesAsync(
        IssueQuery query, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var seal = new LedgerSeal(key);
        var rows = Rows(
            LedgerSql.KnownIssues,
            row => KnownIssueRow.Read(row, Open(seal, row.Bytes(2), row.Text(1), row.GetInt64(0))
                ?? throw LedgerErrors.KeyMissing(path, "what was found and planned cannot be read")),
            cancellationToken,
            ("$now", LedgerTime.Of(now)), ("$store", query.Store),
            ("$types", query.Types is null ? null : JsonSerializer.Serialize(query.Types, LedgerJson.Default.IReadOnlyListString)),
            ("$ids", query.Ids is null ? null : JsonSerializer.Serialize(query.Ids, LedgerJson.Default.IReadOnlyListString)),
            ("$statuses", query.Statuses.Count == 0 ? null : JsonSerializer.Serialize([.. query.Statuses.Select(Codes.Of)], LedgerJson.Default.IReadOnlyListString)));
        foreach (var row in rows)
        {
            yield return row;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public HashSet<string> Ignored(string store, DateTimeOffset moment, CancellationToken cancellationToken) =>
        Rows(LedgerSql.Ignored, row => row.GetString(0), cancellationToken, ("$store", store), ("$now", LedgerTime.Of(moment)))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Each is read when it is asked for.</summary>
    public IEnumerable<IssueSubject> Subjects(string store, IReadOnlyCollection<string> types, CancellationToken cancellationToken) => Rows(
        LedgerSql.Subjects, row => row.Text(2) is { } subject ? new IssueSubject(row.GetInt64(0), row.GetString(1), subject) : null, cancellationToken,
        ("$store", store), ("$types", JsonSerializer.Serialize([.. types], LedgerJson.Default.IReadOnlyListString))).OfType<IssueSubject>();

    public List<string> IssuesOf(IEnumerable<long> events, CancellationToken cancellationToken) =>
        [.. Rows(LedgerSql.IssuesOfEvents, row => row.GetString(0), cancellationToken, ("$events", $"[{string.Join(',', events)}]"))];

    public List<KnownIssueCount> CountUnresolved(string store, DateTimeOffset now, CancellationToken cancellationToken) => [.. Rows(
        LedgerSql.UnresolvedCounts,
        row => new KnownIssueCount(row.GetString(0), Codes.TryParse<Severity>(row.Text(1), out var severity) ? severity : Severity.Info, row.GetInt64(2)),
        cancellationToken,
        ("$store", store), ("$now", LedgerTime.Of(now)))];

    public long CountSubjects(string store, IReadOnlyList<string> types, DateTimeOffset now, CancellationToken cancellationToken) => Rows(
        LedgerSql.UnresolvedSubjects, row => row.GetInt64(0), cancellationToken,
        ("$store", store), ("$now", LedgerTime.Of(now)), ("$types", JsonSerializer.Serialize(types, LedgerJson.Default.IReadOnlyListString))).FirstOrDefault();

    public (long Count, HealthPoint? Oldest, HealthPoint? Newest) Trend(string store, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (count, oldest, newest) = (0L, default(HealthPoint), default(HealthPoint));
        foreach (var point in Rows(
            LedgerSql.Trend,
            row => new HealthPoint(LedgerTime.Parse(row.GetString(0)), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3)),
            cancellationToken, ("$store", store), ("$since", LedgerTime.Of(since))))
        {
            count++;
            oldest ??= point;
            newest = point;
        }

        return (count, oldest, newest);
    }

    public long CountResolved(DateTimeOffset before, CancellationToken cancellationToken) =>
        Rows(LedgerSql.ResolvedBefore, row => row.GetInt64(0), cancellationToken, ("$before", LedgerTime.Of(before))).FirstOrDefault();

    public List<PlanSummary> Plans(CancellationToken cancellationToken) => [.. Rows(
        LedgerSql.Plans,
        reader =>
        {
            var plan = JsonSerializer.Deserialize(reader.Bytes(0), ModelJson.Default.RepairPlan)!;
            return new PlanSummary(
                plan.Id, plan.Store, plan.CreatedAt, plan.Strategy, reader.GetInt32(1), reader.GetInt32(2), (Risk)reader.GetInt32(3), plan.Digest);
        },
        cancellationToken)];

    public async Task<RepairPlan?> PlanAsync(string planId, CancellationToken cancellationToken)
    {
        var plan = Rows(
            LedgerSql.PlanHeader, reader => JsonSerializer.Deserialize(reader.Bytes(0), ModelJson.Default.RepairPlan)!, cancellationToken,
            ("$id", planId)).FirstOrDefault();
        if (plan is null)
        {
            return null;
        }

        var operations = new List<RepairOperation>();
        await foreach (var operation in Sensitive(
            LedgerSql.PlanOperations, planId, bytes => JsonSerializer.Deserialize(bytes, ModelJson.Default.RepairOperation)!, cancellationToken)
            .ConfigureAwait(false))
        {
            operations.Add(operation);
        }

        return plan with { Operations = operations };
    }

    public string? LastExecution(string store, CancellationToken cancellationToken) =>
        Rows(LedgerSql.LastExecution, row => row.GetString(0), cancellationToken, ("$store", store)).FirstOrDefault();

    public List<RepairExecution> Executions(string? id, CancellationToken cancellationToken)
    {
        var outcomes = Rows(
            LedgerSql.Outcomes, reader => (Id: reader.GetString(0), Code: reader.GetString(1), Count: reader.GetInt32(2)), cancellationToken, ("$id", id))
            .ToLookup(row => row.Id);
        return [.. Rows(
            LedgerSql.Executions,
            reader =>
            {
                var started = JsonSerializer.Deserialize(reader.Bytes(4), ModelJson.Default.RepairExecution)!;
                var finished = reader.Bytes(5) is { } data ? JsonSerializer.Deserialize(data, ModelJson.Default.RepairExecution) : null;
                return started with
                {
                    Status = Codes.TryParse<ExecutionStatus>(reader.GetString(1), out var status) ? status : started.Status,
                    BackupPath = reader.Text(2) ?? started.BackupPath,
                    UndoneBy = reader.Text(3),
                    EndedAt = finished is null
                        ? null
                        : finished.EndedAt ?? DateTimeOffset.Parse(reader.GetString(6), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
                    Destination = finished?.Destination ?? started.Destination,
                    Message = finished?.Message,
                    Damaged = finished?.Damaged ?? [],
                    Pending = reader.GetInt32(7),
                    Outcomes = outcomes[reader.GetString(0)].ToDictionary(row => row.Code, row => row.Count),
                };
            },
            cancellationToken,
            ("$id", id))];
    }

    public Dictionary<string, double> OperationTimes(CancellationToken cancellationToken) =>
        Rows(LedgerSql.OperationTimes, reader => (Type: reader.GetString(0), Mean: reader.GetDouble(1)), cancellationToken)
            .ToDictionary(row => row.Type, row => row.Mean);

    public ReportSummary Summarize(string? store, DateTimeOffset? since, DateTimeOffset now)
    {
        using var seal = new LedgerSeal(key);
        using var connection = Guard(() => LedgerConnection.OpenForReading(path) ?? LedgerConnection.Empty());
        return Guard(() => new LedgerStatistics(
            connection,
            row => Open(seal, row.Bytes(2), row.Text(1), row.GetInt64(0)) ?? throw LedgerErrors.KeyMissing(path, "what failed cannot be read"),
            store,
            since,
            now).Summarize());
    }

    private async IAsyncEnumerable<T> Sensitive<T>(
        string sql, string id, Func<byte[], T> parse, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var seal = new LedgerSeal(key);
        foreach (var bytes in Rows(sql, reader => Open(seal, reader.Bytes(2), reader.Text(1), reader.GetInt64(0)), cancellationToken, ("$id", id)))
        {
            yield return Guard(() => parse(bytes ?? throw LedgerErrors.KeyMissing(path, "what was found and planned cannot be read")));
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    private LedgerEntry ToEntry(StoredEvent row, LedgerSeal seal)
    {
        var sensitive = row.Sensitive.IsEmpty ? null : Open(seal, row.Sensitive.ToArray(), row.KeyId, row.Number);
        var entry = new LedgerEvent
        {
            Kind = row.Kind,
            Store = row.Store,
            ScanId = row.ScanId,
            PlanId = row.PlanId,
            ExecutionId = row.ExecutionId,
            Subject = row.Subject,
            Data = new RawJson(row.Data),
            Sensitive = sensitive is null ? null : new RawJson(sensitive),
        };
        var at = DateTimeOffset.Parse(row.At, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        return new LedgerEntry(row.Number, at, row.Actor, entry, Convert.ToHexStringLower(row.Hash));
    }

    private byte[]? Open(LedgerSeal seal, byte[]? value, string? keyId, long number)
    {
        try
        {
            return value is null ? null : seal.Decrypt(value, keyId, number);
        }
        catch (CryptographicException failure)
        {
            throw LedgerErrors.Unavailable(
                path, $"was changed: event {number} cannot be decrypted", $"Run {CommandWords.Command("integrity audit verify", "Test-IntegrityAudit")} to see all that was changed.", failure);
        }
    }

    private IEnumerable<T> Rows<T>(
        string sql, Func<SqliteDataReader, T> read, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        using var lent = Guard(connections.Lend);
        if (lent is null)
        {
            yield break;
        }

        using var command = lent.Connection.Prepare(sql, parameters);
        using var reader = Guard(command.ExecuteReader);
        while (Guard(reader.Read))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Guard(() => read(reader));
        }
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (LedgerErrors.Explains(failure))
        {
            throw LedgerErrors.From(failure, path);
        }
    }
}
