using System.ComponentModel;
using System.Diagnostics;

namespace IntegrityTools.Tests.Engines;

/// <summary>Finds packages of npm that tests run beside the engine.</summary>
internal static class NodeModules
{
    /// <summary>The folder of node modules that holds a package: what a variable names, a usual place, or where npm installs globally.</summary>
    public static string? Find(string package, string variable, string place) =>
        new[] { Environment.GetEnvironmentVariable(variable), place, GlobalFolder(), "/usr/local/lib/node_modules" }
            .Where(folder => folder is { Length: > 0 })
            .SelectMany(folder => new[] { folder!, Path.Combine(folder!, "node_modules") })
            .FirstOrDefault(folder => Directory.Exists(Path.Combine(folder, package)));

    private static string? GlobalFolder()
    {
        try
        {
            using var npm = Process.Start(new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", "root -g")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var folder = npm.StandardOutput.ReadToEnd().Trim();
            npm.WaitForExit();
            return folder;
        }
        catch (Win32Exception)
        {
            return null; // There is no npm.
        }
    }
}
