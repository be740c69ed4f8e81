using System.Text.Json;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>
/// The forks below an outer one, at which the leaves parted that one side of a merge stands for. What a leaf changed there, back to what the outer
/// fork has, looks untouched from the outer fork, and is somebody's edit all the same.
/// </summary>
internal static class InnerForks
{
    /// <summary>True when the value, which is the outer fork's, is not that of each inner fork.</summary>
    public static bool ChangedBack(IReadOnlyList<MergeVersion> forks, FieldPath path, JsonElement? value) =>
        forks.Any(fork => !JsonEquality.Equal(Find(fork.Body, path), value, path.Depth));

    /// <summary>The same for an attachment.</summary>
    public static bool ChangedBack(IReadOnlyList<MergeVersion> forks, string name, AuthoredAttachment? attachment) =>
        forks.Any(fork => fork.Attachments.GetValueOrDefault(name) is var there && (there is null ? attachment is not null : !there.Same(attachment)));

    /// <summary>What stands at a path of a fork's body; null when there is nothing.</summary>
    public static JsonElement? Find(JsonElement body, FieldPath path)
    {
        if (path.Parent is not { } parent)
        {
            return body;
        }

        return Find(body, parent) is not { } holder ? null
            : path.IsElement ? (holder.ValueKind == JsonValueKind.Array ? ArrayMerge.Find(holder, path.LastStep) : null)
            : holder.ValueKind == JsonValueKind.Object ? DocumentFields.Member(holder, path.LastStep)
            : null;
    }
}
