using System.Text;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>A reference whose target has not been seen yet.</summary>
/// <param name="Path">Where it stands.</param>
/// <param name="Rule">The configured path.</param>
/// <param name="Target">The id that it names.</param>
/// <param name="TargetType">The type that the target must have; null: any.</param>
/// <param name="HasRepair">True when the rule says what a repair does with it.</param>
internal sealed record OpenReference(string Path, string Rule, string Target, string? TargetType, bool HasRepair);

/// <summary>A document with references of which it is not known yet whether they lead anywhere.</summary>
internal sealed record ReferringDocument(string Id, string Revision, string? DocumentType, IReadOnlyList<OpenReference> References);

/// <summary>
/// References that wait for the end of a pass: written one after the other, in memory while they are few and in a file without a name
/// once they are many, and read once.
/// </summary>
internal sealed class OpenReferences : IDisposable
{
    private const int MostInMemory = 4 << 20;
    private Stream stream = new MemoryStream();

    /// <summary>Keeps a document for later.</summary>
    public void Add(ReferringDocument document)
    {
        if (stream is MemoryStream { Length: > MostInMemory } memory)
        {
            stream = UnnamedFile.Create();
            memory.WriteTo(stream);
        }

        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(document.Id);
        writer.Write(document.Revision);
        Write(writer, document.DocumentType);
        writer.Write7BitEncodedInt(document.References.Count);
        foreach (var reference in document.References)
        {
            writer.Write(reference.Path);
            writer.Write(reference.Rule);
            writer.Write(reference.Target);
            Write(writer, reference.TargetType);
            writer.Write(reference.HasRepair);
        }
    }

    /// <summary>All of them, in the order in which they were added; nothing may be added afterwards.</summary>
    public IEnumerable<ReferringDocument> Read()
    {
        stream.Flush();
        stream.Position = 0;
        var length = stream.Length;
        using var buffered = stream is FileStream ? new BufferedStream(stream, 1 << 16) : stream;
        using var reader = new BinaryReader(buffered, Encoding.UTF8);
        while (buffered.Position < length)
        {
            var (id, revision, type) = (reader.ReadString(), reader.ReadString(), ReadOptional(reader));
            var references = new OpenReference[reader.Read7BitEncodedInt()];
            for (var index = 0; index < references.Length; index++)
            {
                references[index] = new OpenReference(reader.ReadString(), reader.ReadString(), reader.ReadString(), ReadOptional(reader), reader.ReadBoolean());
            }

            yield return new ReferringDocument(id, revision, type, references);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static void Write(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
        {
            writer.Write(text);
        }
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
