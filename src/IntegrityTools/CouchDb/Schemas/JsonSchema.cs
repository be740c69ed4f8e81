using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A compiled JSON Schema (draft 7 or 2020-12). Not for several threads at once.</summary>
internal sealed class JsonSchema
{
    private readonly SchemaCompiler compiler;
    private readonly SchemaNode root;

    private JsonSchema(SchemaCompiler compiler, SchemaNode root)
    {
        this.compiler = compiler;
        this.root = root;
    }

    /// <summary>Compiles a schema.</summary>
    /// <param name="uri">Its name, against which its references are resolved.</param>
    /// <param name="text">The schema.</param>
    /// <param name="fetch">Gives other schemas by their names; null: there is none.</param>
    /// <param name="usual">The dialect of a schema without a <c>$schema</c>; null: 2020-12.</param>
    /// <exception cref="SchemaException">It cannot be used.</exception>
    public static JsonSchema Compile(string uri, RawJson text, Func<string, RawJson?> fetch, SchemaDialect? usual = null)
    {
        var registry = new SchemaRegistry(fetch, usual ?? SchemaDialect.Draft202012);
        var compiler = new SchemaCompiler(registry);
        try
        {
            var resource = registry.Add(uri, text);
            return new JsonSchema(compiler, compiler.Compile(new SchemaPlace(resource, string.Empty, resource.Root)));
        }
        catch (InvalidOperationException exception)
        {
            throw new SchemaException("a text in it is no valid text", exception);
        }
    }

    /// <summary>Holds a value against the schema.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isDocument">True for a whole document of CouchDB, whose own members are seen by the keywords that name them, and by no others.</param>
    /// <param name="strict">True when members of the outermost object that the schema does not name are faults.</param>
    /// <returns>Where the value does not fit; empty: it does.</returns>
    /// <exception cref="SchemaException">A reference never ends, or a pattern takes too long.</exception>
    public IReadOnlyList<SchemaViolation> Validate(JsonElement value, bool isDocument, bool strict)
    {
        try
        {
            if (new SchemaRun(compiler, isDocument, new SchemaFaults(null)).Fits(root, value, strict))
            {
                return [];
            }

            var faults = new List<SchemaViolation>();
            new SchemaRun(compiler, isDocument, new SchemaFaults(faults)).Fits(root, value, strict);
            return faults;
        }
        catch (InsufficientExecutionStackException)
        {
            return [new SchemaViolation("$", "depth", "a value that is not nested as deeply, so that it can be held against its schema", null)];
        }
    }
}
