using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>A Mango query, as JSON or as YAML; what is written without quotes is what it would be in JSON.</summary>
internal sealed class QueryEntry : ValueKind<RawJson>
{
    public override string Name => "a query with its selector";

    public override bool TryRead(ConfigurationNode node, string path, ConfigurationReader reader, out RawJson value)
    {
        value = default;
        if (node is not MapNode map || map.Entries.FirstOrDefault(entry => entry.Key.Text == "selector")?.Value is not MapNode)
        {
            reader.Fail(node, path, "Expected a map with a selector, such as { selector: { type: Task }, sort: [due] }.");
            return false;
        }

        value = RawJson.FromText(Json(node));
        return true;
    }

    public override string Format(RawJson value) => value.Text;

    private static string Json(ConfigurationNode node) => node switch
    {
        MapNode map => $"{{{string.Join(',', map.Entries.Select(entry => $"{Text(entry.Key.Text)}:{Json(entry.Value)}"))}}}",
        ListNode list => $"[{string.Join(',', list.Items.Select(Json))}]",
        ScalarNode scalar => scalar.IsNull ? "null" : scalar.Plain && IsLiteral(scalar.Text) ? scalar.Text : Text(scalar.Text),
        _ => "null",
    };

    private static string Text(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static bool IsLiteral(string text)
    {
        if (text is "true" or "false")
        {
            return true;
        }

        try
        {
            using var read = RawJson.FromText(text).Parse();
            return read.RootElement.ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false; // A text such as 2024-01-01.
        }
    }
}
