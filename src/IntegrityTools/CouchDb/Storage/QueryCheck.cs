using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Storage;

/// <summary>
/// Asks the server which index it would use for each configured query. CouchDB counts no uses: an index that none of these queries picks is
/// one of which nothing else is known.
/// </summary>
internal sealed class QueryCheck(StorageQuestions questions, StorageIssues issues, IReadOnlyList<RawJson> queries)
{
    /// <summary>The issues. A query that the server refuses is remarked on; the others go on.</summary>
    public async Task<IReadOnlyList<IntegrityIssue>> RunAsync(ScanStatistics statistics, CancellationToken cancellationToken)
    {
        var found = new List<IntegrityIssue>();
        var used = new HashSet<(string? Design, string? Name)>();
        foreach (var query in queries)
        {
            var plans = await questions.ExplainAsync(query, cancellationToken);
            var plan = plans[0];
            used.UnionWith(plans.Where(one => !ReadsEverything(one)).Select(one => (one.Text("index", "ddoc"), one.Text("index", "name"))));
            if (!plan.Succeeded && plan.Error != "no_usable_index")
            {
                statistics.Remark($"The configured query {query.Text} was not looked at, the server refuses it: {plan.Failure}.");
            }
            else if (plans.All(ReadsEverything))
            {
                found.Add(Missing(query, plan));
            }
        }

        var indexes = await questions.GetMangoIndexesAsync(cancellationToken);
        if (indexes.Member("indexes") is { ValueKind: JsonValueKind.Array } list)
        {
            found.AddRange(list.EnumerateArray()
                .Select(index => (Design: index.Text("ddoc"), Name: index.Text("name"), Index: index))
                .Where(index => index.Design is not null && !used.Contains((index.Design, index.Name)))
                .Select(index => Unused(index.Design!, index.Name ?? "", index.Index)));
        }

        return found;
    }

    // _all_docs is an index, too: the right one for a range of ids.
    private static bool ReadsEverything(ServerAnswer plan) =>
        plan.Member("index").ValueKind != JsonValueKind.Object
        || (plan.Text("index", "type") == "special" && plan.Member("mrargs", "start_key").ValueKind is JsonValueKind.Null or JsonValueKind.Undefined);

    private IntegrityIssue Missing(RawJson query, ServerAnswer plan)
    {
        var refused = plan.Member("index").ValueKind != JsonValueKind.Object;
        return issues.Of(
            IssueTypes.MissingIndex,
            refused ? Severity.Medium : Severity.Low,
            query.Text,
            query.Text,
            refused ? "The server refuses this query: no index has the order that it asks for." : "The server reads every document for this query: no index fits it.",
            new IndexEvidence { Query = query, Wanted = QueryFields.IndexFor(query) },
            canAutoResolve: false);
    }

    private IntegrityIssue Unused(string design, string name, JsonElement index) => issues.Of(
        IssueTypes.UnusedIndex,
        Severity.Info,
        design,
        name,
        $"{(queries.Count == 1 ? "The one configured query does not use" : $"None of the {queries.Count} configured queries uses")} the index {name}. CouchDB counts no uses: whether others do is not known.",
        new IndexEvidence { Design = design, Views = [name], Wanted = RawJson.FromText(index.GetRawText()) },
        canAutoResolve: false);
}
