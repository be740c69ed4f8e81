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
    private const int AtOnce = 128;

    /// <summary>The digest that belongs to the plan's present content.</summary>
    public static string Of(RepairPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Canonical(JsonSerializer.SerializeToUtf8Bytes(plan with { Digest = string.Empty, Operations = [] }, ModelJson.Default.RepairPlan)));

        // Nothing else runs while a plan is sealed or checked: all processors write operations, a part of the plan at a time.
        foreach (var part in plan.Operations.Chunk(AtOnce))
        {
            var texts = new ReadOnlyMemory<byte>[part.Length];
            Parallel.For(0, part.Length, index => texts[index] = Canonical(JsonSerializer.SerializeToUtf8Bytes(part[index], ModelJson.Default.RepairOperation)));
            foreach (var text in texts)
            {
                Append(hash, text);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The plan with its digest set.</summary>
    public static RepairPlan Seal(RepairPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan with { Digest = Of(plan) };
    }

    /// <summary>Throws unless a plan is as it was made.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.PlanChanged"/>: its content does not match its digest.</exception>
    public static void ThrowIfChanged(RepairPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!string.Equals(Of(plan), plan.Digest, StringComparison.OrdinalIgnoreCase))
        {
            throw new IntegrityException(
                ErrorIds.PlanChanged,
                "The plan's content does not match its digest: it was changed after it was made.",
                plan.Id,
                $"Make the plan again, or import it with its changes accepted: {CommandWords.Option("--accept-changes", "Import-RepairPlan -AcceptChanges")}.");
        }
    }

    private static ReadOnlyMemory<byte> Canonical(byte[] json)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length);
        CanonicalJson.Write(new RawJson(json), buffer);
        return buffer.WrittenMemory;
    }

    private static void Append(IncrementalHash hash, ReadOnlyMemory<byte> canonical)
    {
        hash.AppendData(canonical.Span);
        hash.AppendData("\n"u8);
    }
}
