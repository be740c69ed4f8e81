using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>The keywords that ask something of a value itself.</summary>
internal static class SchemaAssertions
{
    private static readonly string[] TypeNames = ["array", "boolean", "integer", "null", "number", "object", "string"];

    /// <summary>Adds what a keyword asserts; one that asserts nothing is passed over.</summary>
    /// <exception cref="SchemaException">Its value is not what the keyword takes.</exception>
    public static void Add(SchemaNode node, SchemaKeyword at)
    {
        switch (at.Name)
        {
            case "type":
                node.OwnValues.Types = [.. at.Value.ValueKind == JsonValueKind.Array ? at.Texts() : [at.Text()]];
                if (!node.Values!.Types!.All(TypeNames.Contains))
                {
                    throw new SchemaException($"{at.Where} holds no name of a type");
                }

                break;
            case "enum":
                node.OwnValues.Enum = at.Value.ValueKind == JsonValueKind.Array
                    ? at.Value.EnumerateArray().ToHashSet(JsonValueComparer.Instance)
                    : throw new SchemaException($"{at.Where} is no list");
                break;
            case "const":
                node.OwnValues.Const = at.Value;
                break;
            case "minimum":
                node.OwnValues.Minimum = at.Number();
                break;
            case "maximum":
                node.OwnValues.Maximum = at.Number();
                break;
            case "exclusiveMinimum":
                node.OwnValues.ExclusiveMinimum = at.Number();
                break;
            case "exclusiveMaximum":
                node.OwnValues.ExclusiveMaximum = at.Number();
                break;
            case "multipleOf":
                node.OwnValues.MultipleOf = at.Number();
                break;
            case "minLength":
                node.OwnValues.MinLength = at.Count();
                break;
            case "maxLength":
                node.OwnValues.MaxLength = at.Count();
                break;
            case "pattern":
                node.OwnValues.Pattern = at.Pattern(at.Text());
                break;
            case "required":
                node.OwnObjects.Required = at.Texts();
                break;
            case "minProperties":
                node.OwnObjects.MinProperties = at.Count();
                break;
            case "maxProperties":
                node.OwnObjects.MaxProperties = at.Count();
                break;
            case "dependentRequired":
                node.OwnObjects.DependentRequired.AddRange(at.Members().Select(member => (member.Name, at.Texts(member.Value))));
                break;
            case "minItems":
                node.OwnArrays.MinItems = at.Count();
                break;
            case "maxItems":
                node.OwnArrays.MaxItems = at.Count();
                break;
            case "minContains":
                node.OwnArrays.MinContains = at.Count();
                break;
            case "maxContains":
                node.OwnArrays.MaxContains = at.Count();
                break;
            case "uniqueItems":
                node.OwnArrays.Unique = at.Value.ValueKind == JsonValueKind.True;
                break;
        }
    }
}
