using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>The facts of operations and results that the ledger keeps in the clear: numbers, codes and times, no values.</summary>
internal static class OperationFacts
{
    /// <summary>number, type, subject, risk, needs_review, issue_id.</summary>
    public static RawJson Of(RepairOperation operation) => Write(writer =>
    {
        writer.WriteNumber("number", operation.Number);
        writer.WriteString("type", operation.Type);
        writer.WriteString("subject", operation.Subject);
        writer.WriteString("risk", Codes.Of(operation.Risk));
        writer.WriteBoolean("needs_review", operation.NeedsReview);
        writer.WriteString("issue_id", operation.IssueId);
    });

    /// <summary>number, type, subject, risk, outcome, duration_ms.</summary>
    public static RawJson Of(RepairResult result) => Write(writer =>
    {
        writer.WriteNumber("number", result.Number);
        writer.WriteString("type", result.Type);
        writer.WriteString("subject", result.Subject);
        writer.WriteString("risk", Codes.Of(result.Risk));
        writer.WriteString("outcome", Codes.Of(result.Outcome));
        writer.WriteNumber("duration_ms", result.DurationMs);
    });

    private static RawJson Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory);
    }
}
