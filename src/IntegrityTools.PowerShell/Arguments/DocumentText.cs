using System.Management.Automation;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>A document as the user gave it: JSON text, byte for byte, or an object.</summary>
internal static class DocumentText
{
    /// <summary>True for an object, in which PowerShell has made moments of texts that are dates.</summary>
    public static bool IsObject(object document) => AsText(document) is null;

    /// <summary>The document's JSON.</summary>
    /// <exception cref="IntegrityException">The text is no JSON.</exception>
    public static RawJson Of(object document, CommandInvocationIntrinsics commands)
    {
        var text = AsText(document) ?? commands.InvokeScript(
            "param($document) ConvertTo-Json -InputObject $document -Depth 100 -Compress", document)[0].ToString();
        var json = RawJson.FromText(text);
        try
        {
            using var parsed = json.Parse();
            return json;
        }
        catch (JsonException exception)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"The document is no JSON: {exception.Message}",
                null,
                "Give the whole document as JSON text, or as an object.",
                exception);
        }
    }

    private static string? AsText(object document) => (document is PSObject wrapped ? wrapped.BaseObject : document) as string;
}
