using System.Globalization;
using System.Text;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>All schemas that can be referred to, by name, anchor and pointer.</summary>
/// <param name="fetch">Gives the text of a schema that is not known yet, by its name; null: there is none. Nothing is ever asked of the network.</param>
/// <param name="usual">The dialect of a schema that does not say.</param>
internal sealed class SchemaRegistry(Func<string, RawJson?> fetch, SchemaDialect usual)
{
    private const int Deepest = 200;
    private readonly Dictionary<string, SchemaResource> resources = new(StringComparer.Ordinal);
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    /// <summary>Takes up a document with all schemas in it.</summary>
    /// <param name="uri">The name by which it is known, which an <c>$id</c> in it may add to.</param>
    /// <param name="text">The document.</param>
    /// <exception cref="SchemaException">It is no JSON, or of an unknown dialect.</exception>
    public SchemaResource Add(string uri, RawJson text)
    {
        JsonElement root;
        try
        {
            var marked = text.Utf8.Span.StartsWith(Encoding.UTF8.Preamble);
            root = JsonDocument.Parse(marked ? text.Utf8[Encoding.UTF8.Preamble.Length..] : text.Utf8, JsonLimits.Document).RootElement;
        }
        catch (JsonException exception)
        {
            throw new SchemaException($"it is no JSON ({exception.Message.TrimEnd('.')})", exception);
        }

        var resource = new SchemaResource(uri, root, DialectOf(root, usual));
        resources[uri] = resource;
        return Index(resource, string.Empty, root, 0);
    }

    /// <summary>Finds what a reference in a resource means.</summary>
    /// <exception cref="SchemaException">Nothing is there.</exception>
    public SchemaPlace Resolve(SchemaResource from, string reference)
    {
        var (uri, fragment) = SchemaUri.Split(SchemaUri.Resolve(from.Uri, reference));
        var resource = Find(uri) ?? throw new SchemaException($"'{reference}' refers to a schema that is not there ({uri}): add it to validation.schemas");
        if (string.IsNullOrEmpty(fragment))
        {
            return new SchemaPlace(resource, string.Empty, resource.Root);
        }

        return fragment[0] == '/' ? Follow(resource, fragment, reference)
            : resource.Anchors.TryGetValue(fragment, out var place) ? place
            : throw new SchemaException($"'{reference}' refers to an anchor that is not there");
    }

    /// <summary>Where a schema stands: below its parent, unless it names itself.</summary>
    public SchemaPlace Locate(SchemaPlace parent, string step, JsonElement schema) =>
        IdOf(schema, parent.Resource.Dialect) is { } id && resources.TryGetValue(SchemaUri.Resolve(parent.Resource.Uri, id), out var inner)
            ? new SchemaPlace(inner, string.Empty, schema)
            : new SchemaPlace(parent.Resource, parent.Pointer + step, schema);

    private SchemaResource? Find(string uri)
    {
        if (!resources.TryGetValue(uri, out var known) && (fetch(uri) ?? MetaSchemas.Find(uri)) is { } text)
        {
            Add(uri, text);
            known = resources[uri];
        }

        return known;
    }

    private SchemaPlace Follow(SchemaResource resource, string pointer, string reference)
    {
        var place = new SchemaPlace(resource, string.Empty, resource.Root);
        foreach (var step in pointer[1..].Split('/'))
        {
            var name = SchemaKeywords.Unescape(step);
            var at = place.Schema;
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var member))
            {
                at = member;
            }
            else if (at.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength())
            {
                at = at[index];
            }
            else
            {
                throw new SchemaException($"'{reference}' refers to a place that is not there");
            }

            place = Locate(place, "/" + step, at);
        }

        return place;
    }

    private SchemaResource Index(SchemaResource resource, string pointer, JsonElement schema, int depth)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return resource;
        }

        if (depth > Deepest)
        {
            throw new SchemaException($"it is nested more than {Deepest} schemas deep");
        }

        if (IdOf(schema, resource.Dialect) is { } id)
        {
            resource = new SchemaResource(SchemaUri.Resolve(resource.Uri, id), schema, DialectOf(schema, resource.Dialect));
            resources[resource.Uri] = resource;
            pointer = string.Empty;
        }

        var place = new SchemaPlace(resource, pointer, schema);
        if (resource.Dialect.IsDraft7)
        {
            if (schema.Text("$id") is { } anchor && anchor.IndexOf('#', StringComparison.Ordinal) is var hash and >= 0 && hash + 1 < anchor.Length)
            {
                resource.Anchors[anchor[(hash + 1)..]] = place;
            }
        }
        else
        {
            if (schema.Text("$anchor") is { } plain)
            {
                resource.Anchors[plain] = place;
            }

            if (schema.Text("$dynamicAnchor") is { } dynamic)
            {
                resource.Anchors[dynamic] = resource.DynamicAnchors[dynamic] = place;
            }
        }

        foreach (var (step, below) in SchemaKeywords.Below(schema))
        {
            Index(resource, pointer + step, below, depth + 1);
        }

        return resource;
    }

    /// <summary>The name that a schema gives itself, without a fragment; null: none. In draft 7 nothing counts beside a reference.</summary>
    private static string? IdOf(JsonElement schema, SchemaDialect dialect)
    {
        if (schema.ValueKind != JsonValueKind.Object || (dialect.IsDraft7 && schema.TryGetProperty("$ref", out _)) || schema.Text("$id") is not { } id)
        {
            return null;
        }

        var (uri, _) = SchemaUri.Split(id);
        return uri.Length == 0 ? null : uri;
    }

    private SchemaDialect DialectOf(JsonElement schema, SchemaDialect otherwise)
    {
        if (schema.ValueKind != JsonValueKind.Object || schema.Text("$schema") is not { } name)
        {
            return otherwise;
        }

        var (uri, _) = SchemaUri.Split(name);
        switch (uri)
        {
            case "http://json-schema.org/draft-07/schema":
                return SchemaDialect.Draft7;
            case "https://json-schema.org/draft/2020-12/schema":
                return SchemaDialect.Draft202012;
        }

        // A meta-schema of somebody's own tells by its vocabularies what its schemas understand.
        if (!asked.Add(uri))
        {
            throw new SchemaException($"its $schema '{name}' leads back to itself, and to neither draft 7 nor 2020-12");
        }

        var meta = Find(uri) ?? throw new SchemaException($"its $schema '{name}' is neither draft 7 nor 2020-12");
        asked.Remove(uri);

        return meta.Root.ValueKind == JsonValueKind.Object && meta.Root.TryGetProperty("$vocabulary", out var vocabularies)
            ? meta.Dialect with { Asserts = vocabularies.TryGetProperty("https://json-schema.org/draft/2020-12/vocab/validation", out _) }
            : meta.Dialect;
    }
}
