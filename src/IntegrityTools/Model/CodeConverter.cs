using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>Writes an enum as its snake_case code and reads it in any case, with or without underscores.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class CodeConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return Codes.TryParse<T>(text, out var value)
            ? value
            : throw new JsonException($"'{text}' is not one of: {string.Join(", ", Codes.All<T>())}.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(Codes.Of(value));
    }
}
