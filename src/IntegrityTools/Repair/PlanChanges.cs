using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Names what was changed in a plan by hand.</summary>
internal static class PlanChanges
{
    /// <summary>One sentence a change, without values.</summary>
    /// <param name="known">The plan as it was recorded; null when this ledger does not know it.</param>
    /// <param name="changed">The plan as it was read.</param>
    public static IReadOnlyList<string> Between(RepairPlan? known, RepairPlan changed)
    {
        if (known is null)
        {
            return ["its digest does not match, and this ledger does not have the original to compare with"];
        }

        var changes = new List<string>();
        if (known with { Operations = [], Digest = string.Empty } != changed with { Operations = [], Digest = string.Empty })
        {
            changes.Add("the header was changed");
        }

        var before = known.Operations.ToDictionary(operation => operation.Number);
        var seen = new HashSet<int>();
        foreach (var operation in changed.Operations)
        {
            seen.Add(operation.Number);
            if (!before.TryGetValue(operation.Number, out var original))
            {
                changes.Add($"operation {operation.Number} ({operation.Subject}) was added");
            }
            else if (!Canonical(original).AsSpan().SequenceEqual(Canonical(operation)))
            {
                changes.Add($"operation {operation.Number} ({operation.Subject}) was changed");
            }
        }

        changes.AddRange(known.Operations
            .Where(operation => !seen.Contains(operation.Number))
            .Select(operation => $"operation {operation.Number} ({operation.Subject}) was removed"));
        return changes.Count > 0 ? changes : ["only its digest was changed"];
    }

    private static byte[] Canonical(RepairOperation operation)
    {
        var buffer = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(new RawJson(JsonSerializer.SerializeToUtf8Bytes(operation, ModelJson.Default.RepairOperation)), buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
