using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>Stores that are never changed in place need the name of the new file.</summary>
internal static class Destinations
{
    private const string Dump = "couchdump";

    /// <summary>Refuses, with a name that could be used.</summary>
    public static void ThrowIfNeeded(IntegrityEngine engine, RepairPlan plan)
    {
        if (NewFile(engine, plan) is { } name)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                "A dump is never changed in place, and no new file was named.",
                plan.Store,
                $"Add --to {ShellWord.Of(name)}.");
        }
    }

    /// <summary>The option to add for a store that needs it; otherwise nothing.</summary>
    public static string Hint(IntegrityEngine engine, RepairPlan plan) =>
        NewFile(engine, plan) is { } name ? $" --to {ShellWord.Of(name)}" : string.Empty;

    private static string? NewFile(IntegrityEngine engine, RepairPlan plan)
    {
        var address = engine.Stores.Resolve(plan.Store).Address;
        if (address.Kind != Dump || address.Path is not { } path)
        {
            return null;
        }

        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.', 1);
        var suffix = plan.Undoes is null ? "-repaired" : "-restored";
        return dot < 0 ? name + suffix : $"{name[..dot]}{suffix}{name[dot..]}";
    }
}
