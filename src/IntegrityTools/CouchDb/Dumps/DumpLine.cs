using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>A document as a dump's line holds it.</summary>
internal static class DumpLine
{
    /// <summary>The document byte for byte, unless it holds line ends: no JSON string holds a bare one, so each is white space, and the line has to stay one.</summary>
    public static ReadOnlyMemory<byte> Of(RawJson document)
    {
        if (!document.Utf8.Span.Contains((byte)'\n'))
        {
            return document.Utf8;
        }

        var copy = document.Utf8.ToArray();
        copy.AsSpan().Replace((byte)'\n', (byte)' ');
        return copy;
    }
}
