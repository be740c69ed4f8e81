using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.Model;

/// <summary>
/// One form for all texts of the same JSON value, in the manner of RFC 8785, except for numbers, which stay as written: 1.0 and 1 are
/// two values here, as they are to CouchDB. Members are sorted by their name's UTF-8 bytes, white space is dropped and strings get one
/// escaping; objects that name a member twice keep their order.
/// </summary>
public static class CanonicalJson
{
    private const int UsualLength = 64 * 1024;
    private static readonly JsonEncodedText[] NoReserved = [];

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? digested;

    /// <summary>Writes the canonical form.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static void Write(RawJson json, IBufferWriter<byte> output)
    {
        using var document = json.Parse();
        Write(document.RootElement, output, NoReserved);
    }

    /// <summary>Writes the canonical form of an element.</summary>
    /// <param name="element">The element.</param>
    /// <param name="output">Where to.</param>
    /// <param name="without">Names of members of the outermost object that are left out.</param>
    public static void Write(JsonElement element, IBufferWriter<byte> output, IReadOnlyCollection<JsonEncodedText> without)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(without);
        if (element.ValueKind == JsonValueKind.Object)
        {
            WriteObject(element, output, without, 0);
        }
        else
        {
            WriteValue(element, output, 0);
        }
    }

    /// <summary>SHA-256 (lower-case hex) of an element's canonical form.</summary>
    public static string Digest(JsonElement element, IReadOnlyCollection<JsonEncodedText> without)
    {
        var buffer = digested ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        Write(element, buffer, without);
        digested = buffer.Capacity > UsualLength ? null : buffer;
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void WriteValue(JsonElement element, IBufferWriter<byte> output, int depth)
    {
        // Deeper than any stack should go, a value counts as its bytes.
        if (depth > 500)
        {
            output.Write(JsonMarshal.GetRawUtf8Value(element));
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output, NoReserved, depth);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                var first = true;
                foreach (var item in element.EnumerateArray())
                {
                    if (!first)
                    {
                        output.Write(","u8);
                    }

                    first = false;
                    WriteValue(item, output, depth + 1);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteString(JsonMarshal.GetRawUtf8Value(element), output);
                break;
            default:
                output.Write(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    private static void WriteObject(JsonElement element, IBufferWriter<byte> output, IReadOnlyCollection<JsonEncodedText> without, int depth)
    {
        var members = new List<Member>();
        var ascending = true;
        foreach (var property in element.EnumerateObject())
        {
            var member = new Member(property);
            if (!IsAmong(without, member.Name))
            {
                ascending = ascending && (members.Count == 0 || members[^1].CompareTo(member) < 0);
                members.Add(member);
            }
        }

        if (!ascending)
        {
            members = Sorted(members);
        }

        output.Write("{"u8);
        var first = true;
        foreach (var member in members)
        {
            if (!first)
            {
                output.Write(","u8);
            }

            first = false;
            output.Write("\""u8);
            output.Write(member.Name);
            output.Write("\":"u8);
            WriteValue(member.Value, output, depth + 1);
        }

        output.Write("}"u8);
    }

    private static bool IsAmong(IReadOnlyCollection<JsonEncodedText> names, ReadOnlySpan<byte> name)
    {
        if (names.Count > 0)
        {
            foreach (var candidate in names)
            {
                if (candidate.EncodedUtf8Bytes.SequenceEqual(name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // An object that names a member twice stays as it is.
    private static List<Member> Sorted(List<Member> members)
    {
        var sorted = new List<Member>(members);
        sorted.Sort();
        for (var index = 1; index < sorted.Count; index++)
        {
            if (sorted[index].CompareTo(sorted[index - 1]) == 0)
            {
                return members;
            }
        }

        return sorted;
    }

    private static void WriteString(ReadOnlySpan<byte> quoted, IBufferWriter<byte> output)
    {
        if (quoted.Contains((byte)'\\'))
        {
            output.Write("\""u8);
            output.Write(Text(quoted[1..^1]));
            output.Write("\""u8);
        }
        else
        {
            output.Write(quoted);
        }
    }

    /// <summary>The text between the quotes with one escaping; a lone surrogate, which is no text, stays as written.</summary>
    private static byte[] Text(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\'))
        {
            return escaped.ToArray();
        }

        try
        {
            var quoted = new byte[escaped.Length + 2];
            quoted[0] = quoted[^1] = (byte)'"';
            escaped.CopyTo(quoted.AsSpan(1));
            var reader = new Utf8JsonReader(quoted);
            reader.Read();
            var plain = new byte[quoted.Length];
            return Escape(plain.AsSpan(0, reader.CopyString(plain)));
        }
        catch (InvalidOperationException)
        {
            return escaped.ToArray();
        }
    }

    /// <summary>Escapes only what JSON demands, each in one way.</summary>
    private static byte[] Escape(ReadOnlySpan<byte> plain)
    {
        var output = new ArrayBufferWriter<byte>(plain.Length + 16);
        foreach (var value in plain)
        {
            if (value is (byte)'"' or (byte)'\\')
            {
                output.Write([(byte)'\\', value]);
            }
            else if (value < 0x20)
            {
                output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)value:x4}")));
            }
            else
            {
                output.Write([value]);
            }
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>A member whose name is read where it stands; only one with escapes is written anew.</summary>
    private sealed class Member(JsonProperty property) : IComparable<Member>
    {
        private readonly byte[]? rewritten = JsonMarshal.GetRawUtf8PropertyName(property) is var raw && raw.Contains((byte)'\\') ? Text(raw) : null;

        public JsonElement Value => property.Value;

        public ReadOnlySpan<byte> Name => rewritten ?? JsonMarshal.GetRawUtf8PropertyName(property);

        public int CompareTo(Member? other) => other is null ? 1 : Name.SequenceCompareTo(other.Name);
    }
}
