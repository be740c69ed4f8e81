using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb;

/// <summary>A file for what does not fit into memory: readable by nobody else, and gone with its process, however that ends.</summary>
internal static class UnnamedFile
{
    /// <summary>Creates an empty one in the temporary folder.</summary>
    public static FileStream Create()
    {
        var options = PrivateFile.Options(FileMode.CreateNew);
        (options.Access, options.Share, options.Options, options.BufferSize) = (FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose, 1 << 16);
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
