using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>What a merge leaves at one place: a value as it stood, a value put together anew, or nothing.</summary>
internal readonly struct Piece
{
    private readonly JsonElement? _value;
    private readonly ReadOnlyMemory<byte> _bytes;

    private Piece(JsonElement? value, ReadOnlyMemory<byte> bytes)
    {
        _value = value;
        _bytes = bytes;
    }

    /// <summary>True when something stands there.</summary>
    public bool Present => _value is not null || !_bytes.IsEmpty;

    /// <summary>The bytes of what stands there.</summary>
    public ReadOnlySpan<byte> Raw => _value is { } value ? JsonMarshal.GetRawUtf8Value(value) : _bytes.Span;

    /// <summary>A value as it stood; null: nothing.</summary>
    public static Piece Of(JsonElement? value) => new(value, default);

    /// <summary>A value put together anew.</summary>
    public static Piece Of(ReadOnlyMemory<byte> bytes) => new(null, bytes);

    /// <summary>A number put together anew.</summary>
    public static Piece Of(ExactNumber number) => Of(Encoding.ASCII.GetBytes(number.ToString()));
}
