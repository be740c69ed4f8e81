using System.Diagnostics;

namespace IntegrityTools.Bench;

/// <summary>Where programs are, and what version they are.</summary>
internal static class Tools
{
    /// <summary>The repository's root.</summary>
    /// <exception cref="InvalidOperationException">The benchmark runs outside of the repository.</exception>
    public static string Root { get; } = FindRoot();

    /// <summary>A program's full path, or null.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".exe") }).FirstOrDefault(File.Exists);

    /// <summary>couchbackup from the variable COUCHBACKUP, PATH or an npm folder beside CouchDB, or null.</summary>
    public static string? CouchBackup =>
        Environment.GetEnvironmentVariable("COUCHBACKUP") is { Length: > 0 } named ? named
        : Find("couchbackup") ?? (File.Exists(PeerFolder("couchbackup")) ? PeerFolder("couchbackup") : null);

    /// <summary>The first line that a program prints, or null when it cannot be run.</summary>
    public static string? FirstLine(string? program, params string[] arguments)
    {
        if (program is null)
        {
            return null;
        }

        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        errors.GetAwaiter().GetResult();
        return output.Split('\n')[0].Trim();
    }

    private static string PeerFolder(string program) => Path.Combine("/opt/couch-peers/node_modules/.bin", program);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "IntegrityTools.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Run it from the repository: IntegrityTools.sln was not found above the program.");
    }
}
