namespace IntegrityTools.CouchDb.Repair;

/// <summary>Makes renames durable.</summary>
internal static class Folders
{
    /// <summary>Flushes a folder to disk: a rename is durable when its folder is. Windows has no such call and journals renames itself.</summary>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsWindows())
        {
            using var handle = File.OpenHandle(folder);
            RandomAccess.FlushToDisk(handle);
        }
    }
}
