namespace IntegrityTools.Stores;

/// <summary>New files that only their owner may read: what a store holds may be secret, and the umask is not asked.</summary>
internal static class PrivateFile
{
    /// <summary>How such a file is opened for writing.</summary>
    /// <param name="mode">Whether one that is there is replaced.</param>
    public static FileStreamOptions Options(FileMode mode = FileMode.Create)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>Makes an empty one, for a library to fill that would make it readable for all.</summary>
    public static void Make(string path) => new FileStream(path, Options()).Dispose();
}
