namespace IntegrityTools.CouchDb;

/// <summary>A file for what does not fit into memory: readable by nobody else, and gone with its process, however that ends.</summary>
internal static class UnnamedFile
{
    /// <summary>Creates an empty one in the temporary folder.</summary>
    public static FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var name = Path.Combine(Path.GetTempPath(), $"integrity-{Guid.NewGuid():N}.tmp");
        var file = new FileStream(name, options);
        if (!OperatingSystem.IsWindows())
        {
            // Windows removes it when the process ends, however that comes; elsewhere only a file without a name goes with its process.
            File.Delete(name);
        }

        return file;
    }
}
