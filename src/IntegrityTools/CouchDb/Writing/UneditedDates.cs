using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Validation;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Writing;

/// <summary>
/// The dates of a document that came through objects: what PowerShell and others read makes a moment of "2024-06-01T10:00:00+02:00", and what they write is
/// that moment in another form, which nobody edited.
/// </summary>
internal static class UneditedDates
{
    /// <summary>True when there is a text in the document that names a moment.</summary>
    public static bool AreIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => AreIn(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(AreIn),
        _ => Moment(value) is not null,
    };

    /// <summary>The document with the texts as they were read, of all that name the same moments still.</summary>
    public static RawJson Keep(RawJson document, RawJson asRead)
    {
        var whole = DocumentFields.Parse(document.Utf8);
        var edits = new BodyEdits();
        Compare(whole, DocumentFields.Parse(asRead.Utf8), FieldPath.Root, edits);
        return edits.IsEmpty ? document : edits.Apply(whole);
    }

    private static void Compare(JsonElement value, JsonElement asRead, FieldPath path, BodyEdits edits)
    {
        if (value.ValueKind == JsonValueKind.Object && asRead.ValueKind == JsonValueKind.Object && JsonEquality.Members(value) is { } members)
        {
            foreach (var (name, member) in members)
            {
                if (DocumentFields.Member(asRead, name) is { } before)
                {
                    Compare(member.Value, before, path.Member(name), edits);
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.Array && asRead.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, (item, before)) in value.EnumerateArray().Zip(asRead.EnumerateArray()).Index())
            {
                Compare(item, before, path.Element(index), edits);
            }
        }
        else if (!JsonEquality.Equal(value, asRead) && Moment(value) is { } moment && Moment(asRead) == moment)
        {
            edits.Replace(path, new RawJson(JsonMarshal.GetRawUtf8Value(asRead).ToArray()));
        }
    }

    // With Z or an offset a moment, without a time of day somewhere: those two are never the same.
    private static (DateTime Time, bool Somewhere)? Moment(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
        && JsonEquality.Text(value) is [_, _, _, _, '-', _, _, '-', _, _, 'T', ..] text
        && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? (time, time.Kind == DateTimeKind.Unspecified)
            : null;
}
