using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Backups;

/// <summary>Further names (hard links) of a file that is replaced, which stay with the old one. Which they are no system tells; known on Linux only.</summary>
internal static class OtherNames
{
    /// <summary>What a person must know of them; null: there are none.</summary>
    public static string? Remark(string path) => FileIdentity.NamesOf(path) is { } names and > 1
        ? $"The file has {Counted.Of(names - 1, "other name")} (hard links), which {(names == 2 ? "stays" : "stay")} with the old one when it is replaced: a program that opens it by that goes on with the old rows. Link anew what should lead to the new one."
        : null;
}
