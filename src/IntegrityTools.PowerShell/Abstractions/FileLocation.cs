using System.Management.Automation;
using IntegrityTools.Model;
using Microsoft.PowerShell.Commands;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>Makes a path full as PowerShell means it: drives of its own, such as TestDrive:, the home folder, and its location, which the process does not know of.</summary>
internal static class FileLocation
{
    /// <summary>The path in the file system; what it names need not be there.</summary>
    /// <exception cref="IntegrityException">The drive holds something else, such as variables.</exception>
    /// <exception cref="System.Management.Automation.DriveNotFoundException">There is no such drive.</exception>
    public static string Full(string path, PathIntrinsics session)
    {
        var located = session.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (provider.ImplementingType == typeof(FileSystemProvider))
        {
            return located;
        }

        // At a location that has no files, such as HKLM:, a relative path starts where the file system was left.
        return !session.IsPSAbsolute(path, out _) && !session.IsProviderQualified(path)
            ? Path.GetFullPath(path, session.CurrentFileSystemLocation.ProviderPath)
            : throw new IntegrityException(
                ErrorIds.InvalidArgument, $"'{path}' names no file: it belongs to the provider {provider.Name}.", path, "Name a path in the file system.");
    }
}
