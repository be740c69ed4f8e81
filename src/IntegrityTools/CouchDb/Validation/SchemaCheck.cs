using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Holds documents against the JSON Schemas of their types. A schema that cannot be used is named once; the others go on.</summary>
internal sealed class SchemaCheck
{
    private const string InDatabase = "document:";
    private readonly ValidationSettings settings;
    private readonly Dictionary<string, JsonSchema> schemas = new(StringComparer.Ordinal);
    private readonly List<SchemaEvidence> unusable = [];
    private bool tookUnusable;

    private SchemaCheck(ValidationSettings settings) => this.settings = settings;

    /// <summary>Reads and compiles the configured schemas.</summary>
    public static async Task<SchemaCheck> LoadAsync(ICouchSource source, ValidationSettings settings, CancellationToken cancellationToken)
    {
        var check = new SchemaCheck(settings);
        if (settings.Schemas.Count == 0)
        {
            return check;
        }

        var texts = await check.ReadAsync(source, cancellationToken);
        var named = NamesOf(texts);
        foreach (var (type, place) in settings.Schemas)
        {
            if (texts.TryGetValue(place, out var text))
            {
                check.Try(type, () => check.schemas[type] = JsonSchema.Compile(UriOf(place), text, uri => Fetch(uri, place, named)));
            }
        }

        return check;
    }

    /// <summary>False when a schema could not be used, so that its type's documents were not all held against it.</summary>
    public bool UsesAll => !tookUnusable && unusable.Count == 0;

    /// <summary>True once a schema gave out on a document: those of its type that come after it are not held against it.</summary>
    public bool GaveOut { get; private set; }

    /// <summary>The texts of the configured schemas by where they are; what cannot be read is left out.</summary>
    public static Task<Dictionary<string, RawJson>> ReadTextsAsync(ICouchSource source, ValidationSettings settings, CancellationToken cancellationToken) =>
        new SchemaCheck(settings).ReadAsync(source, cancellationToken);

    /// <summary>The schemas that cannot be used and were not told yet.</summary>
    public IEnumerable<SchemaEvidence> TakeUnusable()
    {
        var taken = unusable.ToList();
        tookUnusable |= taken.Count > 0;
        unusable.Clear();
        return taken;
    }

    /// <summary>The schema that cannot be used of one of these types, unless it was told; null: all can.</summary>
    public SchemaEvidence? UnusableOf(IReadOnlyList<string> types) => unusable.Find(schema => types.Contains(schema.DocumentType, StringComparer.Ordinal));

    /// <summary>True for a document that is itself a configured schema.</summary>
    public bool IsSchema(string id) => settings.Schemas.Count > 0 && settings.Schemas.Values.Contains(InDatabase + id, StringComparer.Ordinal);

    /// <summary>Where a document does not fit the schemas of its types.</summary>
    public IReadOnlyList<FieldFault> Faults(IReadOnlyList<string> types, JsonElement document)
    {
        IReadOnlyList<FieldFault> faults = [];
        foreach (var type in types)
        {
            if (schemas.TryGetValue(type, out var schema))
            {
                var works = Try(type, () =>
                {
                    var found = schema.Validate(document, isDocument: true, settings.StrictMode);
                    faults = found.Count == 0 ? faults : [.. faults, .. found.Select(fault => new FieldFault(fault.Path, fault.Keyword, fault.Expected, fault.Found))];
                });
                if (!works)
                {
                    schemas.Remove(type);
                    GaveOut = true;
                }
            }
        }

        return faults;
    }

    private bool Try(string type, Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (SchemaException exception)
        {
            unusable.Add(new SchemaEvidence(type, settings.Schemas[type], exception.Message));
            return false;
        }
    }

    private async Task<Dictionary<string, RawJson>> ReadAsync(ICouchSource source, CancellationToken cancellationToken)
    {
        var texts = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        foreach (var (type, place) in settings.Schemas)
        {
            if (place.StartsWith(InDatabase, StringComparison.Ordinal))
            {
                await foreach (var leaves in source.ReadLeavesAsync([place[InDatabase.Length..]], cancellationToken))
                {
                    if (!leaves.Winner.Deleted)
                    {
                        texts[place] = leaves.Winner.Body;
                    }
                }

                if (!texts.ContainsKey(place))
                {
                    unusable.Add(new SchemaEvidence(type, place, "there is no such document"));
                }

                continue;
            }

            try
            {
                texts[place] = new RawJson(await File.ReadAllBytesAsync(place, cancellationToken));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                unusable.Add(new SchemaEvidence(type, place, $"it cannot be read ({exception.Message.TrimEnd('.')})"));
            }
        }

        return texts;
    }

    // The configured schemas by where they are and by the names that they give themselves.
    private static Dictionary<string, RawJson> NamesOf(Dictionary<string, RawJson> texts)
    {
        var named = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        foreach (var (place, text) in texts)
        {
            named[UriOf(place)] = text;
            try
            {
                using var document = text.Parse();
                if (document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty("$id", out var id) && id.ValueKind == JsonValueKind.String)
                {
                    named[SchemaUri.Split(SchemaUri.Resolve(UriOf(place), id.GetString()!)).Uri] = text;
                }
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                // It is named when it is compiled.
            }
        }

        return named;
    }

    // Beside the configured ones only files in the folder of the schema, or below it, may be referred to; nothing is asked of the network.
    private static RawJson? Fetch(string uri, string from, Dictionary<string, RawJson> named)
    {
        if (named.TryGetValue(uri, out var known))
        {
            return known;
        }

        if (from.StartsWith(InDatabase, StringComparison.Ordinal) || !Uri.TryCreate(uri, UriKind.Absolute, out var file) || !file.IsFile)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(from)) + Path.DirectorySeparatorChar;
        var path = Path.GetFullPath(file.LocalPath);
        try
        {
            return path.StartsWith(folder, StringComparison.Ordinal) && File.Exists(path) ? new RawJson(File.ReadAllBytes(path)) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SchemaException($"'{path}', to which it refers, cannot be read ({exception.Message.TrimEnd('.')})", exception);
        }
    }

    private static string UriOf(string place) => place.StartsWith(InDatabase, StringComparison.Ordinal) ? place : new Uri(Path.GetFullPath(place)).AbsoluteUri;
}
