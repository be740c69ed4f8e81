using System.Text.Json.Serialization;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Writes single texts as JSON.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class TextJson : JsonSerializerContext
{ }
