using System.Management.Automation;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>Makes the path in an address full, as PowerShell means it.</summary>
internal static class StoreLocation
{
    // A path follows these; the other kinds have servers.
    private static readonly string[] FileKinds = ["sqlite:", "couchdump:", "configuration:"];

    /// <summary>The full address; a configured name, and what is no address, stay as they are for the engine to judge.</summary>
    /// <exception cref="IntegrityException">It has wildcards: a store is one.</exception>
    public static string Full(string store, StoreCatalog catalog, PathIntrinsics session)
    {
        if (catalog.List().Any(known => store.Equals(known.Name, StringComparison.OrdinalIgnoreCase)) || store.Contains("://", StringComparison.Ordinal))
        {
            return store;
        }

        var kind = FileKinds.FirstOrDefault(kind => store.StartsWith(kind, StringComparison.OrdinalIgnoreCase)) ?? string.Empty;
        try
        {
            var path = FileLocation.Full(store[kind.Length..], session);
            return WildcardPattern.ContainsWildcardCharacters(path) && !Path.Exists(path)
                ? throw new IntegrityException(
                    ErrorIds.InvalidAddress, $"There is no file '{path}', and wildcards name no store.", store, $"Let Get-ChildItem find the files: Get-ChildItem {store[kind.Length..]} | …")
                : StoreAddress.Parse(kind + path).WithUser();
        }
        catch (Exception failure) when (failure is System.Management.Automation.DriveNotFoundException or IntegrityException { ErrorId: ErrorIds.UnknownStore } || store.Length == kind.Length)
        {
            // The engine says better what is wrong, knowing the configured names.
            return store;
        }
    }
}
