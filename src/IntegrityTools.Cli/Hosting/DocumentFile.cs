using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>A document's body that a person wrote.</summary>
internal static class DocumentFile
{
    /// <summary>Reads it, byte for byte.</summary>
    /// <exception cref="IntegrityException">It cannot be read, or is no JSON object.</exception>
    public static RawJson Read(string path)
    {
        try
        {
            var body = new RawJson(File.ReadAllBytes(path));
            using var document = body.Parse();
            return document.RootElement.ValueKind == JsonValueKind.Object ? body : throw new JsonException("It is no object.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"The document cannot be used: {exception.Message}",
                path,
                "Name a file that holds one JSON object.",
                exception);
        }
    }
}
