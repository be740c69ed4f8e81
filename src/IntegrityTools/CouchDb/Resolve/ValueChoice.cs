using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Lets a rule choose between two values that collide.</summary>
internal static class ValueChoice
{
    /// <summary>True for the right value, false for the left one, null when the rule cannot tell.</summary>
    public static bool? TakesRight(MergeRule rule, Trio at, Author left, Author right) => rule.Kind switch
    {
        MergeRuleKind.KeepWinner => false,
        MergeRuleKind.Latest => Later(left, right),
        MergeRuleKind.Max => Compare(at) is { } order ? order < 0 : null,
        MergeRuleKind.Min => Compare(at) is { } order ? order > 0 : null,
        MergeRuleKind.Prefer => Prefer(rule, at),
        MergeRuleKind.Stamp => Stamp(at, left, right),
        _ => null,
    };

    private static bool? Later(Author left, Author right) => left.Timestamp is { } one && right.Timestamp is { } other && left.TimestampField == right.TimestampField
        ? (one != other ? other > one : right.Revision > left.Revision)
        : null;

    private static int? Compare(Trio at)
    {
        if (ExactNumber.Read(at.Left) is { } left && ExactNumber.Read(at.Right) is { } right)
        {
            return left.CompareTo(right) is var order and not 0 ? order : 1;
        }

        return at.Left is { ValueKind: JsonValueKind.String } one && at.Right is { ValueKind: JsonValueKind.String } other
            ? string.CompareOrdinal(JsonEquality.Text(one), JsonEquality.Text(other))
            : null;
    }

    private static bool? Prefer(MergeRule rule, Trio at)
    {
        foreach (var preferred in rule.Preferred)
        {
            if (Is(at.Left, preferred))
            {
                return false;
            }

            if (Is(at.Right, preferred))
            {
                return true;
            }
        }

        return null;
    }

    private static bool Is(JsonElement? value, string preferred) => value is { } present
        && ((present.ValueKind == JsonValueKind.String && JsonEquality.Text(present) == preferred)
            || JsonMarshal.GetRawUtf8Value(present).SequenceEqual(Encoding.UTF8.GetBytes(preferred)));

    // A stamp never blocks: where no clock tells, the branch that CouchDB would pick does.
    private static bool Stamp(Trio at, Author left, Author right)
    {
        if (at.Left is not { } one || at.Right is not { } other)
        {
            return at.Left is null;
        }

        return Timestamps.Read(one) is { } before && Timestamps.Read(other) is { } after && before != after
            ? after > before
            : Later(left, right) ?? right.Revision > left.Revision;
    }
}
