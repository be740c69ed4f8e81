using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>
/// Seals a plan: SHA-256 over the canonical JSON of its header, then of each operation. White space and the order of members do not
/// count, so a plan may be formatted by any tool; a changed number, text or byte of a body does.
/// </summary>
public static class PlanDigest
{
    /// <summary>The digest that belongs to the plan's present content.</summary>
    public static string Of(RepairPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new ArrayBufferWriter<byte>(4096);
        Append(hash, buffer, JsonSerializer.SerializeToUtf8Bytes(plan with { Digest = string.Empty, Operations = [] }, ModelJson.Default.RepairPlan));
        foreach (var operation in plan.Operations)
        {
            Append(hash, buffer, JsonSerializer.SerializeToUtf8Bytes(operation, ModelJson.Default.RepairOperation));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The plan with its digest set.</summary>
    public static RepairPlan Seal(RepairPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan with { Digest = Of(plan) };
    }

    private static void Append(IncrementalHash hash, ArrayBufferWriter<byte> buffer, byte[] json)
    {
        buffer.ResetWrittenCount();
        CanonicalJson.Write(new RawJson(json), buffer);
        hash.AppendData(buffer.WrittenSpan);
        hash.AppendData("\n"u8);
    }
}
