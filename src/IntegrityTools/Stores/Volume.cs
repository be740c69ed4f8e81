namespace IntegrityTools.Stores;

/// <summary>The volume on which files lie.</summary>
internal static class Volume
{
    /// <summary>How much of it is used, from 0 to 1, of what this user can use: as <c>df</c> tells it, what is kept for root left out. Null when the system does not tell.</summary>
    public static double? Usage(string path)
    {
        try
        {
            var volume = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(path))! : path);
            var used = volume.TotalSize - volume.TotalFreeSpace;
            return used + volume.AvailableFreeSpace is > 0 and var usable ? (double)used / usable : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
