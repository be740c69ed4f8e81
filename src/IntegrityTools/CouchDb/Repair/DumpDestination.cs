using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>Dumps are never changed in place: checks the name of the new one.</summary>
internal static class DumpDestination
{
    /// <summary>The new file's full path.</summary>
    /// <exception cref="IntegrityException">There is none, it is the dump itself, or it exists and is not what an interrupted run may have left.</exception>
    public static string Check(string dump, RepairContext context)
    {
        if (context.Destination is not { } destination)
        {
            throw Refused("A dump is never changed in place: a repair writes a new one.", dump, $"Name the new file with {CommandWords.Option("--to", "-Destination")}, for example {Suggest(dump, context.Undoing)}.");
        }

        var full = Path.GetFullPath(destination);
        if (string.Equals(full, Path.GetFullPath(dump), StringComparison.Ordinal))
        {
            throw Refused("The new dump would overwrite the one that is repaired.", full, $"Name another file, for example {Suggest(dump, context.Undoing)}.");
        }

        return File.Exists(full) && !context.Resuming ? throw Exists(full) : full;
    }

    /// <summary>The file stands already, and is not this repair's.</summary>
    public static IntegrityException Exists(string destination) =>
        Refused("The file for the new dump exists already.", destination, "Name another file, or move that one away.");

    /// <summary>A name for the new dump, without its folder, with the old one's endings.</summary>
    public static string Suggest(string dump, bool undoing)
    {
        var name = Path.GetFileName(dump);
        var dot = name.IndexOf('.', 1);
        return name.Insert(dot < 0 ? name.Length : dot, undoing ? "-restored" : "-repaired");
    }

    private static IntegrityException Refused(string message, string target, string nextStep) => new(ErrorIds.InvalidArgument, message, target, nextStep);
}
