using System.Text;
using System.Text.Json;

namespace IntegrityTools.Tests.Repair;

/// <summary>Makes documents with random revision trees, as replication would store them: each revision a JSON object with its history.</summary>
internal sealed class RandomTrees(int seed)
{
    private static readonly string[] OddIds = [".", "..", "a b", "a/b", "a+b", "100%", "müller", "_design/odd", "{\"x\":1},{\"rev\":", "日本"];
    private readonly Random random = new(seed);

    /// <summary>Documents with their revisions, ancestors first.</summary>
    public IEnumerable<(string Id, IReadOnlyList<string> Revisions)> Documents(int count)
    {
        for (var number = 0; number < count; number++)
        {
            yield return Document(number < OddIds.Length ? OddIds[number] : $"doc-{number:d4}");
        }
    }

    private (string Id, IReadOnlyList<string> Revisions) Document(string id)
    {
        var root = new Node(1, Hash(), null, Body(0), false);
        var all = new List<Node> { root };
        var leaves = new List<Node> { root };
        var steps = random.Next(1, 9);
        for (var step = 0; step < steps; step++)
        {
            // Mostly a leaf goes on; sometimes an inner revision gets a second child: a conflict.
            var parent = random.Next(3) == 0 ? all[random.Next(all.Count)] : leaves[random.Next(leaves.Count)];
            if (parent.Deleted)
            {
                continue;
            }

            var child = new Node(parent.Generation + 1, Hash(), parent, Body(step + 1), random.Next(6) == 0);
            all.Add(child);
            leaves.Remove(parent);
            leaves.Add(child);
        }

        return (id, [.. all.Select(node => Text(id, node))]);
    }

    private string Text(string id, Node node)
    {
        var hashes = new List<string>();
        for (var ancestor = node; ancestor is not null; ancestor = ancestor.Parent)
        {
            hashes.Add($"\"{ancestor.Hash}\"");
        }

        var text = new StringBuilder($"{{\"_id\":{JsonSerializer.Serialize(id)},\"_rev\":\"{node.Generation}-{node.Hash}\",");
        text.Append($"\"_revisions\":{{\"start\":{node.Generation},\"ids\":[{string.Join(',', hashes)}]}}");
        if (node.Deleted)
        {
            return text.Append(",\"_deleted\":true}").ToString();
        }

        if (!id.StartsWith("_design", StringComparison.Ordinal) && random.Next(5) == 0)
        {
            var data = Convert.ToBase64String(Encoding.UTF8.GetBytes($"bytes {random.Next(3)}"));
            text.Append($",\"_attachments\":{{\"a.txt\":{{\"content_type\":\"text/plain\",\"revpos\":{node.Generation},\"data\":\"{data}\"}}}}");
        }

        return text.Append(node.Body).Append('}').ToString();
    }

    private string Body(int step)
    {
        var fields = new[]
        {
            $"\"@type\":\"SoftwareApplication\"",
            $"\"name\":\"n{random.Next(3)}\"",
            $"\"count\":{random.Next(4)}",
            "\"exact\":9007199254740993",
            "\"float\":1.0",
            $"\"tags\":[\"a\",\"t{random.Next(3)}\"]",
            $"\"host\":{{\"city\":\"c{random.Next(2)}\",\"port\":{random.Next(2)}}}",
            $"\"dateModified\":\"2026-01-{(step % 28) + 1:d2}T0{random.Next(9)}:00:00Z\"",
        };
        return "," + string.Join(',', fields.Where(_ => random.Next(5) > 0));
    }

    private string Hash() => Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64())) + Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64()));

    private sealed record Node(int Generation, string Hash, Node? Parent, string Body, bool Deleted);
}
