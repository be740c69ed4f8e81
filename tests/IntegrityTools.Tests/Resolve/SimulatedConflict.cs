using System.Text.Json;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Resolve;

/// <summary>A conflict that replicas made, and every edit that went into it.</summary>
public sealed record SimulatedConflict(ConflictCase Case, IReadOnlyList<SimulatedEdit> Edits)
{
    /// <summary>Edits that nobody replaced knowingly: a resolution must keep each.</summary>
    public IReadOnlyList<SimulatedEdit> Living { get; } = [.. Edits.Where(edit => !Edits.Any(edit.SupersededBy))];

    /// <summary>Fields that two people set to different values without knowing of each other.</summary>
    public IReadOnlyList<string> Colliding => [.. Living.Where(edit => edit.Path != "tags").GroupBy(edit => edit.Path)
        .Where(group => group.Select(edit => edit.Value).Distinct().Count() > 1).Select(group => group.Key)];

    /// <summary>Living edits that a body does not hold.</summary>
    public IEnumerable<SimulatedEdit> MissingFrom(RawJson body)
    {
        using var document = body.Parse();
        foreach (var edit in Living)
        {
            var value = DocumentFields.Find(document.RootElement, edit.Path);
            var held = edit.Path == "tags"
                ? value is { ValueKind: JsonValueKind.Array } tags && tags.EnumerateArray().Any(tag => tag.GetString() == edit.Value)
                : value is { ValueKind: JsonValueKind.String } text && text.GetString() == edit.Value;
            if (!held)
            {
                yield return edit;
            }
        }
    }
}
