using System.Security.Cryptography;
using System.Text;

namespace IntegrityTools.Cli.Demo;

/// <summary>One revision of a document's tree.</summary>
internal sealed record DemoRevision(int Generation, string Hash, DemoRevision? Parent, DemoBody Body, bool Deleted)
{
    /// <summary>A revision under a parent, or a first one. Its hash follows from its content, so that the same demo is made every time.</summary>
    public static DemoRevision Of(string id, DemoRevision? parent, DemoBody body, bool deleted, string replica)
    {
        var text = new StringBuilder(id).Append('\0').Append(parent?.Hash).Append('\0').Append(deleted).Append('\0').Append(replica);
        foreach (var (name, json) in body.Members)
        {
            text.Append('\0').Append(name).Append('\0').Append(json);
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
        return new DemoRevision((parent?.Generation ?? 0) + 1, hash, parent, body, deleted);
    }

    /// <summary>This revision and its ancestors, newest first.</summary>
    public IEnumerable<DemoRevision> History()
    {
        for (var revision = this; revision is not null; revision = revision.Parent)
        {
            yield return revision;
        }
    }
}
