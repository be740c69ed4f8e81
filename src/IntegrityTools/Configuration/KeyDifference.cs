using System.Text.Json.Serialization;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>A difference between two texts that does not make them two keys.</summary>
[JsonConverter(typeof(CodeConverter<KeyDifference>))]
public enum KeyDifference
{
    /// <summary>Upper and lower case, by Unicode's simple mappings.</summary>
    Case,

    /// <summary>White space at the ends, and how much of it stands between words.</summary>
    Space,

    /// <summary>The same characters in another composition: é as one character, or as e with an accent (Unicode's canonical equivalence, as by NFC).</summary>
    Unicode,
}
