using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrityTools.CouchDb.Revisions;

namespace IntegrityTools.Tests.Resolve;

/// <summary>
/// Replicas that edit the same documents offline, each stamping dateModified and deviceId, now and then hear of each other, and at last
/// replicate. The same seed gives the same conflicts, byte for byte.
/// </summary>
public sealed class ReplicaSimulation(int seed)
{
    private static readonly string[] Fields = ["title", "note", "owner", "place.room", "place.floor", "status", "phone", "colour", "size"];
    private readonly Random _random = new(seed);
    private int _clock;

    /// <summary>Makes conflicts; about one in <paramref name="collidingOneIn"/> lets people edit the same fields (0: none does).</summary>
    public IReadOnlyList<SimulatedConflict> Run(int conflicts, int collidingOneIn = 0) =>
        [.. Enumerable.Range(0, conflicts).Select(index => One(index, collidingOneIn > 0 && _random.Next(collidingOneIn) == 0))];

    /// <summary>Writes conflicts as JSON, one a line: leaves, ancestors and the edits that a resolution must keep.</summary>
    public static void Write(IEnumerable<SimulatedConflict> conflicts, TextWriter output)
    {
        foreach (var conflict in conflicts)
        {
            var leaves = string.Join(',', conflict.Case.Leaves.Leaves.Select(WithHistory));
            var ancestors = string.Join(',', conflict.Case.Ancestors.OrderByDescending(item => item.Key).Select(item => WithHistory(item.Value)));
            var edits = string.Join(',', conflict.Living.Select(edit => $$"""{"rev":"{{edit.Revision.Revision}}","path":"{{edit.Path}}","value":"{{edit.Value}}"}"""));
            output.Write($$"""{"id":"{{conflict.Case.Leaves.Id}}","leaves":[{{leaves}}],"ancestors":[{{ancestors}}],"edits":[{{edits}}]}""");
            output.Write('\n');
        }
    }

    private static string WithHistory(DocumentRevision revision)
    {
        var hashes = string.Join("\",\"", revision.History.Select(item => item.Hash));
        return $$"""{"_revisions":{"start":{{revision.Revision.Generation}},"ids":["{{hashes}}"]},{{revision.Body.ToString()[1..]}}""";
    }

    private SimulatedConflict One(int index, bool colliding)
    {
        var tree = new RevisionTree(string.Create(CultureInfo.InvariantCulture, $"doc-{index:0000}"));
        var values = Fields.ToDictionary(field => field, field => field + " 0");
        var root = new Head(tree.Add(null, Body(values, ["seed"], 0)), values, ["seed"]);
        var replicas = Enumerable.Repeat(root, _random.Next(2, 5)).ToArray();
        var edits = new List<SimulatedEdit>();
        for (var replica = 0; replica < replicas.Length; replica++)
        {
            // A replica that heard of another before it first edits goes on from there: ancestors nest.
            replicas[replica] = replica > 1 && _random.Next(2) == 0 ? replicas[_random.Next(replica)] : root;
            var heard = replicas[replica];
            for (var count = _random.Next(1, 4); count > 0; count--)
            {
                replicas[replica] = Edit(tree, replicas[replica], replica, replicas.Length, colliding, edits);
            }

            if (heard != root)
            {
                // The other goes on as well, so that both are leaves.
                var other = Array.IndexOf(replicas, heard);
                replicas[other] = Edit(tree, heard, other, replicas.Length, colliding, edits);
            }
        }

        return new SimulatedConflict(tree.Case(), edits);
    }

    private Head Edit(RevisionTree tree, Head head, int replica, int replicas, bool colliding, List<SimulatedEdit> edits)
    {
        var values = new Dictionary<string, string>(head.Values);
        var tags = head.Tags;
        var made = new List<(string Path, string Value)>();
        for (var count = _random.Next(1, 3); count > 0; count--)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"r{replica} {++_clock}");
            var field = colliding ? _random.Next(Fields.Length + 1) : (_random.Next((Fields.Length / replicas) + 1) * replicas) + replica;
            if (field < Fields.Length)
            {
                values[Fields[field]] = value;
                made.RemoveAll(edit => edit.Path == Fields[field]);
                made.Add((Fields[field], value));
            }
            else
            {
                tags = [.. tags, value];
                made.Add(("tags", value));
            }
        }

        var revision = tree.Add(head.Revision, Body(values, tags, replica + 1));
        edits.AddRange(made.Select(edit => new SimulatedEdit(revision, edit.Path, edit.Value)));
        return new Head(revision, values, tags);
    }

    private string Body(Dictionary<string, string> values, IReadOnlyList<string> tags, int device)
    {
        var flat = new StringBuilder();
        foreach (var (name, value) in values.Where(item => !item.Key.Contains('.', StringComparison.Ordinal)))
        {
            flat.Append(CultureInfo.InvariantCulture, $"\"{name}\":\"{value}\",");
        }

        var time = DateTime.UnixEpoch.AddDays(20000).AddMinutes(++_clock);
        return $$"""
            {{{flat}}"place":{"room":"{{values["place.room"]}}","floor":"{{values["place.floor"]}}"},"ratio":1.0,"tags":{{JsonSerializer.Serialize(tags)}},"dateModified":"{{time:O}}","deviceId":"device-{{device}}"}
            """;
    }

    private sealed record Head(DocumentRevision Revision, Dictionary<string, string> Values, IReadOnlyList<string> Tags);
}
