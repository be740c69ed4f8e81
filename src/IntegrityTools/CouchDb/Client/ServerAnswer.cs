using System.Net;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>A small answer, whatever its status: errors are what some questions are asked for.</summary>
internal sealed class ServerAnswer
{
    private readonly JsonElement root;

    /// <summary>Takes the answer apart; one that is no JSON object has no members.</summary>
    public ServerAnswer(HttpStatusCode status, byte[] body)
    {
        Status = status;
        try
        {
            using var document = JsonDocument.Parse(body, JsonLimits.Document);
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            root = default; // A proxy's page: what is asked for is not in it.
        }
    }

    /// <summary>The status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>True for an answer, false for an error.</summary>
    public bool Succeeded => (int)Status is >= 200 and < 300;

    /// <summary>The whole answer.</summary>
    public JsonElement Root => root;

    /// <summary>The server's code of an error.</summary>
    public string? Error => Text("error");

    /// <summary>Its words on it.</summary>
    public string? Reason => Text("reason");

    /// <summary>The error in one line, for a person.</summary>
    public string Failure
    {
        get
        {
            var text = $"{(int)Status} {Error}: {Reason}".ReplaceLineEndings(" ");
            return text.Length > 200 ? text[..200] + "…" : text;
        }
    }

    /// <summary>A member, however deep; undefined when it is not there.</summary>
    public JsonElement Member(params ReadOnlySpan<string> path)
    {
        var at = root;
        foreach (var name in path)
        {
            at = at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var next) ? next : default;
        }

        return at;
    }

    /// <summary>A member that is a number; null when it is none.</summary>
    public long? Number(params ReadOnlySpan<string> path) =>
        Member(path) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A member that is a text; null when it is none.</summary>
    public string? Text(params ReadOnlySpan<string> path) => Member(path) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
