using IntegrityTools.Model;
using IntegrityTools.Repair;
using IntegrityTools.Sqlite.Repair;
using IntegrityTools.Sqlite.Schema;

namespace IntegrityTools.Sqlite.Summaries;

/// <summary>
/// Turns drift into operations: one for a table that is not as defined, which makes all of its rows anew, and otherwise one a row, whatever the number of its columns
/// that differ.
/// </summary>
internal sealed class SummaryProposals(SqliteProposals proposals)
{
    private readonly HashSet<string> remade = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<IntegrityIssue> row = [];

    /// <summary>Takes an issue in; what it completes is returned.</summary>
    public IEnumerable<RepairOperation> Add(IntegrityIssue issue, SummaryEvidence evidence, RepairPolicy policy)
    {
        if (evidence.Key is not { } key)
        {
            foreach (var complete in End(policy))
            {
                yield return complete;
            }

            var operation = Install(issue, evidence);
            if (!operation.NeedsReview)
            {
                remade.Add(evidence.Table);
            }

            yield return SqliteProposals.Bound(issue, operation, policy);
            yield break;
        }

        if (remade.Contains(evidence.Table))
        {
            yield break;
        }

        if (row is [{ Evidence: SummaryEvidence { Key: { } other } first }, ..] && (other.Text != key.Text || first.Table != evidence.Table))
        {
            foreach (var complete in End(policy))
            {
                yield return complete;
            }
        }

        row.Add(issue);
    }

    /// <summary>The operation for the row whose issues came last.</summary>
    public IEnumerable<RepairOperation> End(RepairPolicy policy)
    {
        if (row.Count > 0)
        {
            yield return SqliteProposals.Bound(row[0], Update(), policy);
            row.Clear();
        }
    }

    private RepairOperation Install(IntegrityIssue issue, SummaryEvidence evidence)
    {
        var definition = evidence.Definition!;
        var writer = proposals.Writer;
        var state = new SummaryState(proposals.Connection, definition, evidence.RedefineView, writer);
        var before = state.Schema.Precondition;
        if (state.Refusal is { } refusal)
        {
            return RepairOperation.ForReview(issue, OperationTypes.InstallSummary, before, refusal);
        }

        var there = state.Schema.Table is not null;
        var writers = state.Schema.Writers.Where(item => item.Name != new SummarySql(definition).TriggerName).Select(item => item.Name).ToList();
        string?[] parts =
        [
            there
                ? $"The table {definition.Table} is made anew from {definition.EventTable}; rows whose events are gone are kept, as is what only older events could tell."
                : $"The table {definition.Table} is made and filled from {definition.EventTable}.",
            $"A trigger keeps it, which looks up one row an event. Writers wait while it is filled. The programs that insert events need a SQLite from 3.24 on with its JSON functions.",
            writers.Count > 0 ? $"The trigger {string.Join(", ", writers)} is dropped." : null,
            state.UniqueIndexes.Count > 0 ? $"The unique index {string.Join(", ", state.UniqueIndexes)} is dropped, on which inserts of events would fail." : null,
            evidence.RedefineView ? $"The view {definition.View} is {(state.Schema.View is null ? "made" : "redefined")} over it." : null,
        ];
        return SqliteProposals.Draft(
            issue,
            OperationTypes.InstallSummary,
            there ? Risk.High : Risk.Medium,
            string.Join(' ', parts.OfType<string>()),
            before,
            new InstallSummaryAction(definition, evidence.RedefineView)) with
        {
            Changes = [.. state.Reasons.Select((reason, index) => new FieldChange($"reason {index + 1}", reason, "as defined", "definition"))],
        };
    }

    private RepairOperation Update()
    {
        var issue = row[0];
        var first = (SummaryEvidence)issue.Evidence;
        var key = first.Key!.Value;
        var before = new RowPrecondition(first.Table, key, first.RowSha256);
        var standing = proposals.State.Rows.Read(first.Table, key);
        if (standing?.Sha256 != first.RowSha256 || proposals.State.Rows.Shape(first.Table) is not { } shape)
        {
            return RepairOperation.ForReview(issue, OperationTypes.UpdateSummary, before, "The row was changed since the scan: an event came, most likely. Scan again.");
        }

        var wanted = new Dictionary<string, RowValue>(StringComparer.OrdinalIgnoreCase);
        foreach (var evidence in row.Select(part => (SummaryEvidence)part.Evidence))
        {
            using var expected = evidence.Expected!.Value.Parse();
            if (evidence.Column is { } column)
            {
                wanted[column] = RowValue.Parse(expected.RootElement);
                continue;
            }

            foreach (var member in expected.RootElement.EnumerateObject())
            {
                wanted[member.Name] = RowValue.Parse(member.Value);
            }
        }

        var after = (standing ?? new RowImage(shape.Columns, [.. shape.Columns.Select(_ => RowValue.Null)])).With(wanted);
        return SqliteProposals.Draft(
            issue,
            OperationTypes.UpdateSummary,
            Risk.Low,
            standing is null ? "The row is made from its events." : $"What the events make of the row: {string.Join(", ", wanted.Keys)}.",
            before,
            new SetRowAction(first.Table, key, RowKey.ToJson(wanted.Keys, wanted.Values), after.Sha256)) with
        {
            OldValue = standing?.ToJson(),
            NewValue = after.ToJson(),
            Changes = [.. wanted.Select(value => new FieldChange(value.Key, standing?.Of(value.Key).ToString(), value.Value.ToString(), "events"))],
        };
    }
}
