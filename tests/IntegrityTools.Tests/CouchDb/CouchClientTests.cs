using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using IntegrityTools.CouchDb;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.CouchDb;

public class CouchClientTests
{
    private const string Info = "{\"db_name\":\"db\",\"doc_count\":3,\"update_seq\":\"3-x\"}";
    private static readonly CouchOptions Quick = new() { Backoff = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromSeconds(5) };

    [Fact]
    public async Task A_wrong_password_costs_one_attempt_however_many_readers_wait()
    {
        using var server = AnsweringServer.Always(401, "application/json", "{\"error\":\"unauthorized\",\"reason\":\"wrong\"}");
        using var client = new CouchClient(server.Address, "db", new StoreCredential("a", "b"), Quick);

        await Assert.ThrowsAsync<IntegrityException>(() => client.OpenAsync(CancellationToken.None));
        var failures = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ =>
            Assert.ThrowsAsync<IntegrityException>(() => client.Members.GetLocalAsync("lease", CancellationToken.None))));

        Assert.All(failures, failure => Assert.Equal(ErrorIds.LoginRefused, failure.ErrorId));
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>Sign in", ErrorIds.UnexpectedAnswer)]
    [InlineData(404, "text/html", "<html>Not here", ErrorIds.UnexpectedAnswer)]
    [InlineData(404, "application/json", "{\"error\":\"not_found\",\"reason\":\"Database does not exist.\"}", ErrorIds.StoreNotFound)]
    [InlineData(403, "application/json", "{\"error\":\"forbidden\",\"reason\":\"Account is temporarily locked\"}", ErrorIds.LoginRefused)]
    [InlineData(302, "text/html", "", ErrorIds.UnexpectedAnswer)]
    [InlineData(200, "application/json", "{\"couchdb\":\"no\"}", ErrorIds.UnexpectedAnswer)]
    public async Task What_answers_wrongly_is_named_at_once(int status, string type, string body, string errorId)
    {
        using var server = AnsweringServer.Always(status, type, body);
        using var client = new CouchClient(server.Address, "db", null, Quick);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => client.OpenAsync(CancellationToken.None));

        Assert.Equal(errorId, failure.ErrorId);
        Assert.NotNull(failure.NextStep);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task An_error_whose_words_never_came_was_waited_for_without_end()
    {
        using var server = new AnsweringServer(async (_, _, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 403 X\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
            await Task.Delay(TimeSpan.FromMinutes(1));
        });
        using var client = new CouchClient(server.Address, "db", null, Quick with { Timeout = TimeSpan.FromMilliseconds(200), Attempts = 2 });

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => client.OpenAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
    }

    [Fact]
    public async Task A_server_that_fails_to_make_or_to_delete_a_database_ended_in_a_stack_trace()
    {
        using var server = AnsweringServer.Always(500, "application/json", "{\"error\":\"error\",\"reason\":\"nodedown\"}");
        using var client = new CouchClient(server.Address, "db", null, Quick);

        var (made, deleted) = (
            await Assert.ThrowsAsync<IntegrityException>(() => client.CreateDatabaseAsync(CancellationToken.None)),
            await Assert.ThrowsAsync<IntegrityException>(() => client.DeleteDatabaseAsync(CancellationToken.None)));

        Assert.Equal((ErrorIds.StoreUnavailable, ErrorIds.StoreUnavailable), (made.ErrorId, deleted.ErrorId));
    }

    [Fact]
    public async Task A_server_that_only_fails_is_tried_five_times()
    {
        using var server = AnsweringServer.Always(503, "text/html", "<html>");
        using var client = new CouchClient(server.Address, "db", null, Quick);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => client.OpenAsync(CancellationToken.None));

        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
        Assert.Equal(5, server.Requests);
    }

    [Fact]
    public async Task A_write_that_a_busy_server_had_not_begun_was_told_as_lost()
    {
        var writes = 0;
        using var server = new AnsweringServer((request, _, stream) =>
            request.StartsWith("GET", StringComparison.Ordinal) ? AnsweringServer.WriteAsync(stream, 200, "application/json", "{\"db_name\":\"db\",\"doc_count\":1}")
            : writes++ == 0 ? AnsweringServer.WriteAsync(stream, 429, "text/html", "<html>", headers: "Retry-After: 1\r\n")
            : AnsweringServer.WriteAsync(stream, 201, "application/json", "[]"));
        using var client = new CouchClient(server.Address, "db", null, Quick);
        await client.OpenAsync(CancellationToken.None);
        var started = Stopwatch.GetTimestamp();

        await client.BulkDocsAsync([RawJson.FromText("{\"_id\":\"a\"}")], newEdits: false, CancellationToken.None);

        Assert.Equal(2, writes);
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(504)]
    public async Task A_write_that_a_proxy_may_have_lost_is_not_sent_again(int status)
    {
        var writes = 0;
        using var server = new AnsweringServer((request, _, stream) => request.StartsWith("GET", StringComparison.Ordinal)
            ? AnsweringServer.WriteAsync(stream, 200, "application/json", "{\"db_name\":\"db\",\"doc_count\":1}")
            : AnsweringServer.WriteAsync(stream, status + (0 * writes++), "text/html", "<html>"));
        using var client = new CouchClient(server.Address, "db", null, Quick);

        var failure = await Assert.ThrowsAsync<IntegrityException>(() => client.BulkDocsAsync([RawJson.FromText("{\"_id\":\"a\"}")], newEdits: true, CancellationToken.None));

        Assert.Equal((ErrorIds.StoreUnavailable, 1), (failure.ErrorId, writes));
        Assert.Contains("which of them arrived is unknown", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_breaks_goes_on_from_the_last_sequence_and_counts_each_document_once()
    {
        const string Head = "{\"results\":[\n{\"seq\":\"1-a\",\"id\":\"one\",\"changes\":[{\"rev\":\"1-a\"},{\"rev\":\"1-b\"}]},\n";
        const string Unsequenced = "{\"seq\":null,\"id\":\"two\",\"changes\":[{\"rev\":\"1-a\"},{\"rev\":\"1-b\"}]},\n";
        const string Rest = "{\"seq\":null,\"id\":\"three\",\"changes\":[{\"rev\":\"1-a\"}]}\n],\n\"last_seq\":\"3-c\",\"pending\":0}\n";
        var since = new List<string>();
        using var server = new AnsweringServer(async (request, _, stream) =>
        {
            if (!request.Contains("_changes", StringComparison.Ordinal))
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", Info);
                return;
            }

            since.Add(request);
            if (since.Count == 1)
            {
                await CutAsync(stream, Head + Unsequenced + "{\"seq\":nu");
            }
            else
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", "{\"results\":[\n" + Unsequenced + Rest);
            }
        });
        await using var source = new ServerSource(new CouchClient(server.Address, "db", null, Quick));
        var statistics = new ScanStatistics();
        var ids = new List<string>();

        await foreach (var entry in source.ReadConflictCandidatesAsync(statistics, CancellationToken.None))
        {
            ids.Add(entry.Id);
        }

        Assert.Equal(["one", "two"], ids);
        Assert.Equal(3, statistics.Documents);
        Assert.Equal("3-c", statistics.LastSequence);
        Assert.Contains("since=1-a", since[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_breaks_again_and_again_is_read_to_its_end_as_long_as_it_comes_further()
    {
        const int Breaks = 12;
        var feeds = 0;
        using var server = new AnsweringServer(async (request, _, stream) =>
        {
            if (!request.Contains("_changes", StringComparison.Ordinal))
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", Info);
                return;
            }

            var number = Interlocked.Increment(ref feeds);
            var row = $"{{\"seq\":\"{number}-a\",\"id\":\"d{number}\",\"changes\":[{{\"rev\":\"1-a\"}},{{\"rev\":\"1-b\"}}]}}";
            if (number <= Breaks)
            {
                await CutAsync(stream, "{\"results\":[\n" + row + ",\n");
            }
            else
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", "{\"results\":[\n" + row + "\n],\n\"last_seq\":\"13-a\",\"pending\":0}\n");
            }
        });
        await using var source = new ServerSource(new CouchClient(server.Address, "db", null, Quick));

        var entries = await source.ReadConflictCandidatesAsync(new ScanStatistics(), CancellationToken.None).ToListAsync();

        Assert.Equal(Enumerable.Range(1, Breaks + 1).Select(number => $"d{number}"), entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task A_feed_that_falls_silent_is_given_up()
    {
        using var server = new AnsweringServer(async (request, _, stream) =>
        {
            if (!request.Contains("_changes", StringComparison.Ordinal))
            {
                await AnsweringServer.WriteAsync(stream, 200, "application/json", Info);
                return;
            }

            await stream.WriteAsync("HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"results\":["u8.ToArray());
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false);
        });
        var options = Quick with { Timeout = TimeSpan.FromMilliseconds(200), AttemptsOnceOpened = 2 };
        await using var source = new ServerSource(new CouchClient(server.Address, "db", null, options));

        var failure = await Assert.ThrowsAsync<IntegrityException>(async () =>
        {
            await foreach (var _ in source.ReadConflictCandidatesAsync(new ScanStatistics(), CancellationToken.None))
            {
            }
        });

        Assert.Equal(ErrorIds.StoreUnavailable, failure.ErrorId);
    }

    [SkippableFact]
    public async Task A_large_write_on_a_slow_line_is_not_given_up_while_it_travels()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        using var proxy = new CuttingProxy(server.Address, pause: TimeSpan.FromMilliseconds(10));
        var patience = TimeSpan.FromSeconds(3);
        using var client = new CouchClient(new Uri("http://" + proxy.Authority), database, server.Credential, new CouchOptions { Timeout = patience });

        // White space: it has to travel, and costs the server nothing once it is there.
        var text = new string(' ', 5 << 20);
        var documents = Enumerable.Range(0, 6).Select(number => RawJson.FromText($$"""{"_id":"{{number}}"{{text}}}""")).ToList();

        var watch = Stopwatch.StartNew();
        var results = await client.BulkDocsAsync(documents, newEdits: true, CancellationToken.None);

        Assert.All(results, result => Assert.NotNull(result.Revision));
        Assert.True(watch.Elapsed > patience, "The line was not slow.");
    }

    [SkippableFact]
    public async Task Attachments_numbers_and_local_documents_come_back_as_they_went()
    {
        var server = await CouchDbServer.RequireAsync(real: true);
        var database = await server.CreateDatabaseAsync();
        using var client = new CouchClient(server.Address, database, server.Credential);
        await client.BulkDocsAsync(
            [RawJson.FromText(ServerScanTests.Doc("..", 1, ["a"], "\"n\":9007199254740993,\"_attachments\":{\"f\":{\"content_type\":\"text/plain\",\"data\":\"aGVsbG8=\"}}"))],
            newEdits: false, CancellationToken.None);

        var read = new List<string>();
        await foreach (var revision in client.BulkGetAsync([new BulkGetItem("..", "1-a")], attachments: true, CancellationToken.None))
        {
            read.Add(revision.Body.ToString());
        }

        Assert.Contains("\"data\":\"aGVsbG8=\"", Assert.Single(read), StringComparison.Ordinal);
        Assert.Contains("9007199254740993", read[0], StringComparison.Ordinal);

        Assert.Null(await client.Members.GetLocalAsync("lease", CancellationToken.None));
        Assert.True(await client.Members.PutLocalAsync("lease", RawJson.FromText("{\"holder\":\"a\"}"), CancellationToken.None));
        Assert.Contains("\"holder\":\"a\"", (await client.Members.GetLocalAsync("lease", CancellationToken.None)).ToString(), StringComparison.Ordinal);
    }

    private static async Task CutAsync(NetworkStream stream, string part)
    {
        var head = "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(head + part));
    }
}
