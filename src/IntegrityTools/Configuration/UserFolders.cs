namespace IntegrityTools.Configuration;

/// <summary>The folders that a user's configuration and state live in.</summary>
internal static class UserFolders
{
    public static string Configuration => Find(Environment.GetEnvironmentVariable, "XDG_CONFIG_HOME", ".config", "APPDATA");

    public static string State => Find(Environment.GetEnvironmentVariable, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA");

    public static string Find(Func<string, string?> environment, string xdg, string underHome, string windows)
    {
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(environment(windows) ?? Home(environment), "IntegrityTools");
        }

        // The XDG specification has relative values ignored.
        var named = environment(xdg);
        var root = Path.IsPathRooted(named) ? named : Path.Combine(Home(environment), underHome);
        return Path.Combine(root, "integritytools");
    }

    /// <summary>A full path: <c>~/</c> is the home folder, and a relative one starts at <paramref name="folder"/>.</summary>
    public static string FullPath(string path, string folder) =>
        path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.GetFullPath(path[2..], Home(Environment.GetEnvironmentVariable))
            : Path.GetFullPath(path, folder);

    private static string Home(Func<string, string?> environment)
    {
        var home = environment(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
        return string.IsNullOrEmpty(home) ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) : home;
    }
}
