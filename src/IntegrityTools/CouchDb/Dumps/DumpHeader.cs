using System.Text;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>
/// The first line of our dumps, which couchrestore takes for its own. It is written before it is known what it has to say, so that every form of it has the
/// same length.
/// </summary>
internal static class DumpHeader
{
    private const string Name = "integritytools";

    // To couchrestore the version says nothing.
    private const string Once = "1";
    private const string Continued = "2";

    /// <summary>The line.</summary>
    /// <param name="attachments">Whether documents hold their attachments' data: couchrestore then asks for its option of that name.</param>
    /// <param name="continued">Whether documents may stand twice, and count as they stand last.</param>
    public static byte[] Of(bool attachments, bool continued) => Encoding.UTF8.GetBytes(
        $"{{\"name\":\"{Name}\",\"version\":\"{(continued ? Continued : Once)}\",\"mode\":\"full\",\"attachments\":{(attachments ? "true " : "false")}}}\n");

    /// <summary>True when a header is one of ours that says that documents may stand twice.</summary>
    public static bool IsContinued(JsonElement name, JsonElement version) =>
        name.ValueKind == JsonValueKind.String && name.ValueEquals(Name) && version.ValueKind == JsonValueKind.String && version.ValueEquals(Continued);
}
