using System.Runtime.InteropServices;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Json;

/// <summary>The values that two versions of a document and their ancestor have under one name.</summary>
/// <param name="Property">The member, as the left version has it.</param>
/// <param name="Base">The ancestor's value.</param>
/// <param name="Left">The left version's value.</param>
/// <param name="Right">The right version's value.</param>
internal readonly record struct MemberTrio(JsonProperty Property, JsonElement Base, JsonElement Left, JsonElement Right)
{
    /// <summary>True when the two versions have the same bytes here.</summary>
    public bool IsSame => JsonMarshal.GetRawUtf8Value(Left).SequenceEqual(JsonMarshal.GetRawUtf8Value(Right));

    /// <summary>True when the right version has the ancestor's bytes here.</summary>
    public bool IsUntouched => JsonMarshal.GetRawUtf8Value(Base).SequenceEqual(JsonMarshal.GetRawUtf8Value(Right));
}
