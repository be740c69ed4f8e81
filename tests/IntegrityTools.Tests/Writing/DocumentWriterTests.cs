using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Tests.CouchDb;
using IntegrityTools.Tests.Engines;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.Validation.ContentPlace;

namespace IntegrityTools.Tests.Writing;

public class DocumentWriterTests
{
    private const int Writers = 16;
    private const int Turns = 5;

    private const string Rules = """
        resolution:
          rules: [ { path: visits, rule: counter }, { path: status, prefer: [done, new] } ]
        validation:
          known_types: [Task, Person]
          required_fields: { Task: [title] }
          references: [ { document_type: Task, path: owner, target_type: Person } ]
        """;

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sixteen_writers_at_one_document_lose_no_update(bool withOriginal)
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true, Doc("t", "\"@type\":\"Task\",\"title\":\"x\",\"visits\":0,\"tags\":[],\"by\":{},\"big\":9007199254740993"));
        await using var writer = Open(place);

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Task.Run(async () =>
        {
            for (var turn = 0; turn < Turns; turn++)
            {
                var read = await ReadAsync(place, "t");
                var tag = $"w{number}-{turn}";
                var edited = read
                    .Replace("\"by\":{", $"\"by\":{{\"{tag}\":{turn},", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal)
                    .Replace("\"tags\":[", $"\"tags\":[\"{tag}\",", StringComparison.Ordinal).Replace(",]", "]", StringComparison.Ordinal);
                using var before = JsonDocument.Parse(read);
                var visits = before.RootElement.GetProperty("visits").GetInt32();
                edited = edited.Replace($"\"visits\":{visits}", $"\"visits\":{visits + 1}", StringComparison.Ordinal);
                await writer.SaveAsync(RawJson.FromText(edited), new SaveOptions { Original = withOriginal ? RawJson.FromText(read) : null }, default);
            }
        })));

        using var after = JsonDocument.Parse(await ReadAsync(place, "t"));
        Assert.Equal(Writers * Turns, after.RootElement.GetProperty("visits").GetInt32());
        Assert.Equal(Writers * Turns, after.RootElement.GetProperty("by").EnumerateObject().Count());
        Assert.Equal(Writers * Turns, after.RootElement.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).Distinct().Count());
        Assert.Equal("9007199254740993", after.RootElement.GetProperty("big").GetRawText());
        Assert.Empty(await ScanAsync(place.Place, place.Store, "conflicts"));
    }

    [SkippableFact]
    public async Task A_new_document_is_written_and_a_second_new_one_under_its_id_is_merged_or_refused()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false);
        await using var writer = Open(place);

        var first = await writer.SaveAsync(Json("{\"_id\":\"n\",\"@type\":\"Task\",\"title\":\"x\",\"a\":1.0}"), null, default);
        var second = await writer.SaveAsync(Json("{\"_id\":\"n\",\"@type\":\"Task\",\"title\":\"x\",\"b\":2}"), null, default);
        var third = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(Json("{\"_id\":\"n\",\"@type\":\"Task\",\"title\":\"y\"}"), null, default));

        Assert.Equal((1, false, true), (first.Attempts, first.Merged, second.Merged));
        Assert.Contains("\"a\":1.0", second.Document.Text, StringComparison.Ordinal);
        Assert.Contains("\"b\":2", second.Document.Text, StringComparison.Ordinal);
        Assert.Equal((ErrorIds.DocumentConflict, "n"), (third.ErrorId, third.Target));
        Assert.Contains("title", third.Message, StringComparison.Ordinal);
        Assert.Contains($"\"_rev\":\"{second.Revision}\"", await ReadAsync(place, "n"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Dates_that_came_through_objects_stay_as_they_were_read_when_they_name_the_same_moment()
    {
        const string AsRead = "\"a\":\"2024-06-01T10:00:00+02:00\",\"b\":[{\"c\":\"2024-01-01T00:00:00.000Z\"}],\"d\":\"2024-01-01T00:00:00\",\"e\":\"2024-01-01T00:00:00Z\"";
        await using var place = await ServerPlace.WithAsync(Rules, real: false, Doc("t", AsRead));
        await using var writer = Open(place);
        var read = await ReadAsync(place, "t");
        var edited = Json(read
            .Replace("10:00:00+02:00", "08:00:00+00:00", StringComparison.Ordinal).Replace("00.000Z", "00Z", StringComparison.Ordinal)
            .Replace("\"d\":\"2024-01-01T00:00:00\"", "\"d\":\"2024-01-01T00:00:00Z\"", StringComparison.Ordinal)
            .Replace("\"e\":\"2024-01-01", "\"e\":\"2024-01-02", StringComparison.Ordinal));
        var wanted = read
            .Replace("\"d\":\"2024-01-01T00:00:00\"", "\"d\":\"2024-01-01T00:00:00Z\"", StringComparison.Ordinal).Replace("\"e\":\"2024-01-01", "\"e\":\"2024-01-02", StringComparison.Ordinal);

        Assert.Equal(wanted, (await writer.KeepDatesAsync(edited, null, default)).Text);
        Assert.Equal(wanted, (await writer.KeepDatesAsync(edited, Json(read), default)).Text);
    }

    [SkippableFact]
    public async Task A_local_document_is_refused_with_words()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false);
        await using var writer = Open(place);
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(Json("{\"_id\":\"_local/x\"}"), null, default));

        Assert.Equal((ErrorIds.DocumentRefused, "_local/x"), (refused.ErrorId, refused.Target));
    }

    [SkippableFact]
    public async Task Edits_that_collide_are_decided_by_a_rule_and_what_it_passes_over_is_named()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, Doc("t", "\"@type\":\"Task\",\"title\":\"x\",\"status\":\"old\""));
        await using var writer = Open(place);
        var read = await ReadAsync(place, "t");
        await writer.SaveAsync(Json(read.Replace("old", "done", StringComparison.Ordinal)), null, default);

        var saved = await writer.SaveAsync(Json(read.Replace("old", "new", StringComparison.Ordinal)), null, default);

        Assert.Equal("\"new\"", Assert.Single(saved.Discarded).Value);
        Assert.Contains("\"status\":\"done\"", await ReadAsync(place, "t"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_document_that_was_deleted_meanwhile_is_not_brought_back()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, Doc("t", "\"@type\":\"Task\",\"title\":\"x\""));
        await using var writer = Open(place);
        var read = await ReadAsync(place, "t");
        await place.Server.InsertAsync(place.Database, ServerScanTests.Doc("t", 2, ["b", "a"], "\"_deleted\":true"));

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(Json(read), null, default));

        Assert.Equal(ErrorIds.DocumentConflict, refused.ErrorId);
        Assert.Contains("deleted", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task What_the_rules_refuse_is_not_written_and_the_check_says_what_a_scan_would()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: false, Doc("p", "\"@type\":\"Person\""));
        await using var writer = Open(place);
        var wrong = Json("{\"_id\":\"t\",\"@type\":\"Task\",\"owner\":\"nobody\"}");

        var issues = await writer.CheckAsync(wrong, default);
        var refused = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(wrong, null, default));

        Assert.Equal(["missing_field", "missing_reference"], issues.Select(issue => issue.Type).Order(StringComparer.Ordinal));
        Assert.Equal(ErrorIds.DocumentRefused, refused.ErrorId);
        Assert.Contains("title is missing", refused.Message, StringComparison.Ordinal);
        await writer.SaveAsync(wrong, new SaveOptions { Check = false }, default);
        Assert.Equal(
            issues.Select(issue => issue.Id).Order(StringComparer.Ordinal),
            (await ScanAsync(place.Place, place.Store, "validation")).Select(issue => issue.Id).Order(StringComparer.Ordinal));
        Assert.Empty(await writer.CheckAsync(Json("{\"_id\":\"u\",\"@type\":\"Task\",\"title\":\"x\",\"owner\":\"p\"}"), default));
        Assert.Empty(await writer.CheckAsync(Json("{\"_id\":\"self\",\"@type\":\"Person\",\"owner\":\"self\"}"), default));
    }

    [SkippableFact]
    public async Task A_merge_that_breaks_a_rule_is_refused_as_the_same_document_is_when_it_is_given_whole()
    {
        await using var place = await ServerPlace.WithAsync("validation:\n  schemas: { T: t.json }\n", real: true, Doc("t", "\"@type\":\"T\""));
        await File.WriteAllTextAsync(place.Place.PathOf("t.json"), "{\"not\":{\"required\":[\"a\",\"b\"]}}");
        await using var writer = Open(place);
        var read = await ReadAsync(place, "t");
        var theirs = await writer.SaveAsync(Json(read.Replace("}", ",\"a\":1}", StringComparison.Ordinal)), null, default);
        var mine = Json(read.Replace("}", ",\"b\":1}", StringComparison.Ordinal));

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(mine, null, default));

        Assert.Equal((ErrorIds.DocumentRefused, "t"), (refused.ErrorId, refused.Target));
        Assert.Contains(theirs.Revision, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\"b\"", await ReadAsync(place, "t"), StringComparison.Ordinal);
        Assert.True((await writer.SaveAsync(mine, new SaveOptions { Check = false }, default)).Merged);
    }

    [SkippableFact]
    public async Task Attachments_of_both_sides_stay()
    {
        await using var place = await ServerPlace.WithAsync(
            Rules, real: true, Doc("t", "\"@type\":\"Task\",\"title\":\"x\",\"_attachments\":{\"old\":{\"content_type\":\"text/plain\",\"data\":\"AAAA\"}}"));
        await using var writer = Open(place);
        var read = await ReadAsync(place, "t");
        await writer.SaveAsync(Json(With(read, "theirs", "BBBB")), null, default);

        var saved = await writer.SaveAsync(Json(With(read, "mine", "CCCC")), null, default);

        Assert.True(saved.Merged);
        var state = (await place.StateAsync("t"))["t"];
        Assert.All(["AAAA", "BBBB", "CCCC"], data => Assert.Contains($"\"data\":\"{data}\"", state, StringComparison.Ordinal));

        static string With(string document, string name, string data) =>
            document.Replace("\"_attachments\":{", $"\"_attachments\":{{\"{name}\":{{\"content_type\":\"text/plain\",\"data\":\"{data}\"}},", StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_write_whose_answer_was_lost_is_found_where_it_arrived_and_not_made_twice()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true, Doc("t", "\"@type\":\"Task\",\"title\":\"x\",\"visits\":0"));
        var writes = 0;
        using var proxy = new CuttingProxy(place.Server.Address, line => Task.FromResult(
            line.Contains("_bulk_docs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) == 1 ? Cut.Answer : Cut.None));
        var read = await ReadAsync(place, "t");
        await using var writer = DocumentWriter.Open(place.Place.Engine, $"couchdb://{proxy.Authority}/{place.Database}", place.Place.Credential);

        var saved = await writer.SaveAsync(Json(read.Replace("\"visits\":0", "\"visits\":1", StringComparison.Ordinal)), null, default);

        Assert.Equal((false, 1, 1), (saved.Merged, saved.Attempts, writes));
        Assert.Contains("\"visits\":1", await ReadAsync(place, "t"), StringComparison.Ordinal);
        Assert.StartsWith("2-", saved.Revision, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "no object")]
    [InlineData("{\"_id\":", "no valid JSON")]
    [InlineData("{\"a\":1}", "no _id")]
    [InlineData("{\"_id\":\"\"}", "no _id")]
    [InlineData("{\"_id\":\"a\",\"_rev\":3}", "no revision")]
    [InlineData("{\"_id\":\"a\",\"_deleted\":true}", "deleted")]
    public async Task What_is_no_document_is_refused_before_anything_is_sent(string document, string why)
    {
        await using var place = new Workplace(Rules);
        await using var writer = DocumentWriter.Open(place.Engine, "couchdb://127.0.0.1:1/none");

        var refused = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(Json(document), null, default));

        Assert.Equal(ErrorIds.InvalidArgument, refused.ErrorId);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dump_takes_no_single_writes()
    {
        await using var place = new Workplace(Rules);
        Assert.Equal(ErrorIds.InvalidArgument, Assert.Throws<IntegrityException>(() => DocumentWriter.Open(place.Engine, "couchdump:x.jsonl")).ErrorId);
    }

    private static RawJson Json(string text) => RawJson.FromText(text);

    [SkippableFact]
    public async Task A_document_whose_schema_cannot_be_used_was_written_unchecked_and_those_of_other_types_still_are()
    {
        await using var place = await ServerPlace.WithAsync("validation: { schemas: { Task: gone.json, Slow: 'document:slow' } }\n", real: false);
        await using var writer = Open(place);
        await writer.SaveAsync(Json("{\"_id\":\"slow\",\"properties\":{\"p\":{\"pattern\":\"^(?=(a+)+$)(a+)+$\"}}}"), null, default);

        foreach (var (id, body, why) in new[] { ("t", "\"@type\":\"Task\"", "gone.json"), ("s", $"\"@type\":\"Slow\",\"p\":\"{new string('a', 40)}!\"", "takes longer") })
        {
            var refused = await Assert.ThrowsAsync<IntegrityException>(() => writer.SaveAsync(Json($"{{\"_id\":\"{id}\",{body}}}"), null, default));
            Assert.Equal((ErrorIds.DocumentRefused, id), (refused.ErrorId, refused.Target));
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }

        Assert.StartsWith("1-", (await writer.SaveAsync(Json("{\"_id\":\"p\",\"@type\":\"Person\"}"), null, default)).Revision, StringComparison.Ordinal);
    }

    private static DocumentWriter Open(ServerPlace place) => DocumentWriter.Open(place.Place.Engine, place.Store, place.Place.Credential);

    private static async Task<string> ReadAsync(ServerPlace place, string id) => (await place.Server.GetAsync($"{place.Database}/{id}")).TrimEnd();
}
