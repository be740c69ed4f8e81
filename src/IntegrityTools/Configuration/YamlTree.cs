using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace IntegrityTools.Configuration;

/// <summary>
/// Builds the tree of a YAML file. The only type that knows YamlDotNet, so that the library is not loaded where there is no file.
/// Aliases share their node instead of copying it: nesting them costs no memory.
/// </summary>
internal sealed class YamlTree
{
    private const int MaximumDepth = 64;

    private readonly Dictionary<string, ConfigurationNode> anchors = [];
    private readonly Parser parser;
    private readonly string file;

    private YamlTree(string text, string file)
    {
        parser = new Parser(new StringReader(text));
        this.file = file;
    }

    /// <summary>The file's tree; null when it holds nothing.</summary>
    public static ConfigurationNode? Parse(string text, string file)
    {
        var tree = new YamlTree(text, file);
        try
        {
            return tree.ReadFile();
        }
        catch (YamlException exception)
        {
            var error = new ConfigurationError(
                string.Empty, (int)exception.Start.Line, (int)exception.Start.Column, $"This is not YAML: {exception.Message}", null);
            throw new ConfigurationException(file, [error], exception);
        }
        catch (InvalidOperationException exception)
        {
            // Some broken flow lists and maps end YamlDotNet's parser in this state instead of an error with a place.
            var last = tree.parser.Current?.End ?? Mark.Empty;
            var error = new ConfigurationError(
                string.Empty, (int)last.Line, (int)last.Column, "This is not YAML: a bracket or brace after here does not match.", null);
            throw new ConfigurationException(file, [error], exception);
        }
    }

    private ConfigurationNode? ReadFile()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return null;
        }

        parser.Consume<DocumentStart>();
        var root = ReadNode(0);
        parser.Consume<DocumentEnd>();
        return parser.Accept<DocumentStart>(out var second) ? throw Refuse(second.Start, "A second document begins here; only one is read.") : root;
    }

    private ConfigurationNode ReadNode(int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return anchors.TryGetValue(alias.Value.Value, out var meant)
                ? meant
                : throw Refuse(alias.Start, $"'*{alias.Value.Value}' refers to an anchor that is not complete before it.");
        }

        var start = parser.Consume<NodeEvent>();
        if (depth > MaximumDepth)
        {
            throw Refuse(start.Start, $"Values are nested deeper than {MaximumDepth}.");
        }

        var (line, column) = ((int)start.Start.Line, (int)start.Start.Column);
        ConfigurationNode node = start switch
        {
            Scalar scalar => new ScalarNode(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => new ListNode(line, column, ReadItems(depth)),
            _ => new MapNode(line, column, ReadEntries(depth)),
        };
        if (!start.Anchor.IsEmpty)
        {
            anchors[start.Anchor.Value] = node;
        }

        return node;
    }

    private List<ConfigurationNode> ReadItems(int depth)
    {
        var items = new List<ConfigurationNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1));
        }

        return items;
    }

    private List<MapEntry> ReadEntries(int depth)
    {
        var entries = new List<MapEntry>();
        var merged = new List<MapNode>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var at = parser.Current!.Start;
            var key = ReadNode(depth + 1) as ScalarNode ?? throw Refuse(at, "A key must be a single word.");
            var value = ReadNode(depth + 1);
            if (key is { Text: "<<", Plain: true })
            {
                merged.AddRange(MapsOf(value, at));
            }
            else
            {
                entries.Add(new MapEntry(key, value));
            }
        }

        // YAML's merge key: what stands in the map itself goes first, then the first of the merged maps.
        foreach (var entry in merged.SelectMany(map => map.Entries))
        {
            if (!entries.Exists(known => known.Key.Text == entry.Key.Text))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private IEnumerable<MapNode> MapsOf(ConfigurationNode value, Mark at) => value switch
    {
        MapNode map => [map],
        ListNode list when list.Items.All(item => item is MapNode) => list.Items.Cast<MapNode>(),
        _ => throw Refuse(at, "A merge key (<<) takes a map or a list of maps."),
    };

    private ConfigurationException Refuse(Mark at, string message) =>
        new(file, [new ConfigurationError(string.Empty, (int)at.Line, (int)at.Column, message, null)]);
}
