using System.Globalization;
using System.Net.Sockets;
using System.Text;
using IntegrityTools.Model;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;

namespace IntegrityTools.Tests.Validation;

public class AllDocsTests
{
    private const string Info = """{"db_name":"d","doc_count":4,"doc_del_count":0,"update_seq":"1"}""";

    private const string NoChanges = """{"results":[],"last_seq":"1"}""";

    [Fact]
    public async Task An_id_that_the_server_lists_twice_is_a_collision_that_no_plan_repairs()
    {
        using var server = new AnsweringServer((request, _, stream) => AnsweringServer.WriteAsync(
            stream, 200, "application/json",
            request.Contains("_all_docs", StringComparison.Ordinal) ? List("a", "b", "b", "c")
            : request.Contains("_changes", StringComparison.Ordinal) ? """{"results":[],"last_seq":"1"}"""
            : Info));
        await using var place = new Workplace();

        var issue = Assert.Single(await ContentPlace.ScanAsync(place, $"couchdb://{server.Address.Authority}/d", "duplicates"));

        Assert.Equal((IssueTypes.IdCollision, "b", Severity.Critical), (issue.Type, issue.Subject, issue.Severity));
        var plan = await place.PlanAsync([issue]);
        var operation = Assert.Single(plan.Operations);
        Assert.Contains("never repaired automatically", operation.Reason, StringComparison.Ordinal);
        Assert.Equal((OperationTypes.Review, Strategy.Manual, true), (operation.Type, operation.Strategy, operation.NeedsReview));
        Assert.Equal(0, plan.Automatic);
    }

    [Fact]
    public async Task A_list_that_breaks_goes_on_where_it_broke_and_gives_no_document_twice()
    {
        var asked = new List<string>();
        using var server = new AnsweringServer(async (request, _, stream) =>
        {
            if (!request.Contains("_all_docs", StringComparison.Ordinal))
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", request.Contains("_changes", StringComparison.Ordinal) ? NoChanges : Info);
                return;
            }

            var line = request[..request.IndexOf('\r', StringComparison.Ordinal)];
            lock (asked)
            {
                asked.Add(line);
            }

            if (line.Contains("startkey", StringComparison.Ordinal))
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", List("b\\\"ü", "c", "d"));
            }
            else
            {
                await CutAsync(stream, List("a", "b\\\"ü", "c"));
            }
        });
        await using var place = new Workplace("validation:\n  known_types: [none]\n");

        var issues = await ContentPlace.ScanAsync(place, $"couchdb://{server.Address.Authority}/d", "unknown_type");

        Assert.Equal(["a", "b\"ü", "c", "d"], issues.Select(issue => issue.Subject));
        Assert.Equal(2, asked.Count);
        Assert.Contains("startkey=%22b%5Cu0022%5Cu00FC%22", asked[1], StringComparison.Ordinal);
    }

    // Rows as CouchDB writes them: one a line.
    private static string List(params string[] ids) =>
        "{\"total_rows\":4,\"offset\":0,\"rows\":[\r\n"
        + string.Join(",\r\n", ids.Select(id => $$$"""{"id":"{{{id}}}","key":"{{{id}}}","value":{"rev":"1-a"},"doc":{"_id":"{{{id}}}","_rev":"1-a","@type":"x"}}"""))
        + "\r\n]}\n";

    // All but the last row, and then nothing.
    private static async Task CutAsync(NetworkStream stream, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = string.Create(
            CultureInfo.InvariantCulture, $"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - 60));
    }
}
