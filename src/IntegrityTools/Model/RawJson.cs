using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>
/// A JSON value as its bytes. Numbers, key order and escapes come out as they went in; nothing is parsed until somebody asks.
/// </summary>
[JsonConverter(typeof(RawJsonConverter))]
public readonly struct RawJson : IEquatable<RawJson>
{
    /// <summary>Wraps the UTF-8 bytes of one valid JSON value.</summary>
    public RawJson(ReadOnlyMemory<byte> utf8) => Utf8 = utf8;

    /// <summary>The UTF-8 bytes.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>True for the default value, which holds no JSON at all.</summary>
    public bool IsEmpty => Utf8.IsEmpty;

    /// <summary>Equal when the bytes are.</summary>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>Different when the bytes are.</summary>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);

    /// <summary>The JSON text, made anew at each call.</summary>
    public string Text => ToString();

    /// <summary>Wraps JSON text.</summary>
    public static RawJson FromText(string json) => new(Encoding.UTF8.GetBytes(json));

    /// <summary>Parses the bytes with the limits that every reader here shares. The caller disposes the document.</summary>
    public JsonDocument Parse() => JsonDocument.Parse(Utf8, JsonLimits.Holder);

    /// <inheritdoc/>
    public bool Equals(RawJson other) => Utf8.Span.SequenceEqual(other.Utf8.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Utf8.Span);
        return hash.ToHashCode();
    }

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
