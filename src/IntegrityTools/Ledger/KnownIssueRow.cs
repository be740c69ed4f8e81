using System.Text.Json;
using IntegrityTools.Model;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Ledger;

/// <summary>Reads a row of <see cref="LedgerSql.KnownIssues"/>.</summary>
internal static class KnownIssueRow
{
    /// <summary>The issue as it was last found, with what became of it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="found">The issue's JSON, decrypted.</param>
    public static KnownIssue Read(SqliteDataReader row, byte[] found) =>
        new(JsonSerializer.Deserialize(found, ModelJson.Default.IntegrityIssue)!)
        {
            Status = Codes.TryParse<IssueStatus>(row.GetString(3), out var status) ? status : IssueStatus.Open,
            FirstSeen = LedgerTime.Parse(row.GetString(4)),
            LastSeen = LedgerTime.Parse(row.GetString(5)),
            ChangedAt = LedgerTime.Parse(row.GetString(6)),
            ChangedBy = row.Text(7),
            Reason = row.Text(8),
            Until = row.Text(9) is { } until ? LedgerTime.Parse(until) : null,
            PlanId = row.Text(10),
            ExecutionId = row.Text(11),
        };
}
