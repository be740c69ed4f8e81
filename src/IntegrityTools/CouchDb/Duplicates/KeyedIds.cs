using System.Text;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>The hash of each key with its document's id, in memory while they are few and in a file without a name once they are many.</summary>
internal sealed class KeyedIds : IDisposable
{
    private const int MostInMemory = 4 << 20;
    private Stream stream = new MemoryStream();
    private BinaryWriter writer;

    /// <summary>Makes an empty list.</summary>
    public KeyedIds() => writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);

    /// <summary>Adds a document.</summary>
    public void Add(ulong hash, string id)
    {
        if (stream is MemoryStream { Length: > MostInMemory } memory)
        {
            stream = UnnamedFile.Create();
            memory.WriteTo(stream);
            writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        }

        writer.Write(hash);
        writer.Write(id);
    }

    /// <summary>All of them, in the order in which they were added; may be read again, and nothing may be added afterwards.</summary>
    public IEnumerable<(ulong Hash, string Id)> Read()
    {
        stream.Flush();
        var length = stream.Length;
        stream.Position = 0;
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        while (stream.Position < length)
        {
            yield return (reader.ReadUInt64(), reader.ReadString());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
