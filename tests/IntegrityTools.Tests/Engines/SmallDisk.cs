using System.Diagnostics;

namespace IntegrityTools.Tests.Engines;

/// <summary>A disk of a few KiB, for tests of full and of read-only disks; skips where the right to mount one is missing.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    private SmallDisk(string folder) => this.folder = folder;

    public static SmallDisk Mount(string folder, int kilobytes)
    {
        Directory.CreateDirectory(folder);
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", folder), "needs the right to mount a tmpfs");
        return new SmallDisk(folder);
    }

    /// <summary>Shows a file at the place of another one, as a container is given single files.</summary>
    public static SmallDisk Bind(string file, string at)
    {
        File.WriteAllBytes(at, []);
        Skip.IfNot(OperatingSystem.IsLinux() && Run("mount", "--bind", file, at), "needs the right to mount a file");
        return new SmallDisk(at);
    }

    public void SetReadOnly() => Skip.IfNot(Run("mount", "-o", "remount,ro", folder), "needs the right to remount");

    public void Dispose() => Run("umount", "-l", folder);

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
