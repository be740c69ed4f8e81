using System.Text.Json.Serialization;
using IntegrityTools.Model;

namespace IntegrityTools.Sqlite.Format;

/// <summary>How a database stores text; the numbers are those of its header.</summary>
[JsonConverter(typeof(CodeConverter<TextEncoding>))]
public enum TextEncoding
{
    /// <summary>UTF-8.</summary>
    Utf8 = 1,

    /// <summary>UTF-16, the low byte first.</summary>
    Utf16Le = 2,

    /// <summary>UTF-16, the high byte first.</summary>
    Utf16Be = 3,
}
