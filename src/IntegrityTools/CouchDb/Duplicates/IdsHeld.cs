using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Which of some ids a document holds, as a text or as the name of a member, at any depth.</summary>
internal static class IdsHeld
{
    /// <summary>How often each id stands in a document; those that do not are left out.</summary>
    /// <param name="body">The document.</param>
    /// <param name="ids">The ids.</param>
    public static Dictionary<string, int> In(ReadOnlySpan<byte> body, HashSet<string> ids)
    {
        const int Longest = 512;
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        var known = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        var reader = new Utf8JsonReader(body, JsonLimits.Reader);
        Span<char> text = stackalloc char[Longest];
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            {
                continue;
            }

            // A text takes no more characters than bytes. One with escapes may be half a surrogate pair, which the reader's own methods do not take.
            ReadOnlySpan<char> plain = !reader.ValueIsEscaped && reader.ValueSpan.Length <= Longest && Utf8.ToUtf16(reader.ValueSpan, text, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done
                ? text[..length]
                : JsonEquality.Text(reader.ValueSpan);
            if (known.TryGetValue(plain, out var id))
            {
                found[id] = found.GetValueOrDefault(id) + 1;
            }
        }

        return found;
    }
}
