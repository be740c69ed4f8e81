using System.Globalization;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Where a value does not fit its schema.</summary>
/// <param name="found">Receives the places; null: only whether the value fits is asked.</param>
internal sealed class SchemaFaults(List<SchemaViolation>? found)
{
    private const int Most = 1000;

    /// <summary>True when a fault told now will be read, so that all of them are looked for.</summary>
    public bool Collects => found is not null && Quiet == 0 && found.Count < Most;

    /// <summary>Above 0 where a fault decides between branches, and is none by itself.</summary>
    public int Quiet { get; set; }

    /// <summary>The place in the document.</summary>
    public FieldPath Path { get; set; } = FieldPath.Root;

    /// <summary>The place of a member; built only where somebody will read it.</summary>
    public FieldPath At(string name) => Collects ? Path.Member(name) : Path;

    /// <summary>The place of an element; built only where somebody will read it.</summary>
    public FieldPath At(int index) => Collects ? Path.Element(index) : Path;

    /// <summary>Notes a fault.</summary>
    /// <returns>False: what is told does not fit.</returns>
    public bool Fail(string keyword, string expected, JsonElement? value, FieldPath? at = null)
    {
        if (Collects)
        {
            found!.Add(new SchemaViolation((at ?? Path).ToString(), keyword, expected, Display.Of(value)));
        }

        return false;
    }

    /// <summary>A text about numbers, the same on every machine.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
