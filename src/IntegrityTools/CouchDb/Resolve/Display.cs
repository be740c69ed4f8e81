using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Shortens values for a person's eyes.</summary>
internal static class Display
{
    private const int Longest = 200;

    /// <summary>A value as JSON text of at most 200 characters; null when absent.</summary>
    public static string? Of(JsonElement? value)
    {
        if (value is not { } present)
        {
            return null;
        }

        var raw = JsonMarshal.GetRawUtf8Value(present);
        var text = Encoding.UTF8.GetString(raw[..Math.Min(raw.Length, Longest * 4)]);
        return text.Length <= Longest && raw.Length <= Longest * 4 ? text : text[..(char.IsHighSurrogate(text[Longest - 2]) ? Longest - 2 : Longest - 1)] + "…";
    }
}
