using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools;

/// <summary>What the ledger has of an issue in the clear, to be counted and searched by; the issue itself is kept as sensitive.</summary>
internal static class ScanFacts
{
    /// <summary>The facts.</summary>
    public static RawJson Of(IntegrityIssue issue, string severity)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type", issue.Type);
            writer.WriteString("severity", severity);
            writer.WriteString("subject", issue.Subject);
            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }
}
