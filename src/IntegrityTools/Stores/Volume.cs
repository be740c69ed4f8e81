namespace IntegrityTools.Stores;

/// <summary>The volume on which files lie.</summary>
internal static class Volume
{
    /// <summary>How much of it is used, from 0 to 1, of what this user can use; null when the system does not tell.</summary>
    public static double? Usage(string path)
    {
        try
        {
            var volume = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(path))! : path);
            return volume.TotalSize == 0 ? null : 1 - ((double)volume.AvailableFreeSpace / volume.TotalSize);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
