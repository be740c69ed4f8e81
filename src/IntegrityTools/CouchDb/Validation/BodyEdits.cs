using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Changes to a body, written in one go: what no change touches comes out byte for byte.</summary>
internal sealed class BodyEdits
{
    private readonly Dictionary<string, RawJson?> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string Name, RawJson Value)>> additions = new(StringComparer.Ordinal);
    private readonly HashSet<string> touched = new(StringComparer.Ordinal);

    /// <summary>True when there is nothing to change.</summary>
    public bool IsEmpty => touched.Count == 0;

    /// <summary>Puts a value in the place of what stands at a path.</summary>
    public void Replace(FieldPath path, RawJson value)
    {
        values[path.ToString()] = value;
        Touch(path);
    }

    /// <summary>Takes out a member or an element.</summary>
    public void Remove(FieldPath path)
    {
        values[path.ToString()] = null;
        Touch(path);
    }

    /// <summary>Gives a member another name, in its place.</summary>
    public void Rename(FieldPath path, string name)
    {
        names[path.ToString()] = name;
        Touch(path);
    }

    /// <summary>Adds a member behind the others of an object.</summary>
    public void Add(FieldPath parent, string name, RawJson value)
    {
        if (!additions.TryGetValue(parent.ToString(), out var list))
        {
            additions.Add(parent.ToString(), list = []);
        }

        list.Add((name, value));
        Touch(parent);
    }

    /// <summary>The body with the changes.</summary>
    public RawJson Apply(JsonElement body)
    {
        var output = new ArrayBufferWriter<byte>(JsonMarshal.GetRawUtf8Value(body).Length + 64);
        Write(body, FieldPath.Root, output);
        return new RawJson(output.WrittenMemory);
    }

    private void Touch(FieldPath path)
    {
        for (FieldPath? at = path; at is not null; at = at.Parent)
        {
            touched.Add(at.ToString());
        }
    }

    private void Write(JsonElement value, FieldPath path, ArrayBufferWriter<byte> output)
    {
        var text = path.ToString();
        if (values.TryGetValue(text, out var other))
        {
            output.Write(other!.Value.Utf8.Span);
        }
        else if (!touched.Contains(text))
        {
            output.Write(JsonMarshal.GetRawUtf8Value(value));
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            WriteObject(value, path, text, output);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            WriteArray(value, path, output);
        }
        else
        {
            output.Write(JsonMarshal.GetRawUtf8Value(value));
        }
    }

    private void WriteObject(JsonElement value, FieldPath path, string text, ArrayBufferWriter<byte> output)
    {
        var first = true;
        foreach (var member in value.EnumerateObject())
        {
            var at = path.Member(JsonEquality.Name(member));
            var below = at.ToString();
            if (values.TryGetValue(below, out var other) && other is null)
            {
                continue;
            }

            output.Write(first ? "{\""u8 : ",\""u8);
            first = false;
            output.Write(names.TryGetValue(below, out var name) ? JsonEncodedText.Encode(name).EncodedUtf8Bytes : JsonMarshal.GetRawUtf8PropertyName(member));
            output.Write("\":"u8);
            Write(member.Value, at, output);
        }

        foreach (var (name, added) in additions.GetValueOrDefault(text) ?? [])
        {
            output.Write(first ? "{\""u8 : ",\""u8);
            first = false;
            output.Write(JsonEncodedText.Encode(name).EncodedUtf8Bytes);
            output.Write("\":"u8);
            output.Write(added.Utf8.Span);
        }

        output.Write(first ? "{}"u8 : "}"u8);
    }

    private void WriteArray(JsonElement value, FieldPath path, ArrayBufferWriter<byte> output)
    {
        var first = true;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var at = path.Element(index++);
            if (values.TryGetValue(at.ToString(), out var other) && other is null)
            {
                continue;
            }

            output.Write(first ? "["u8 : ","u8);
            first = false;
            Write(item, at, output);
        }

        output.Write(first ? "[]"u8 : "]"u8);
    }
}
