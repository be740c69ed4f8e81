using System.Security.Cryptography;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Demo;

/// <summary>The folder in which a demo works.</summary>
internal sealed class DemoFolder
{
    private DemoFolder(string path) => Path = path;

    public string Path { get; }

    public string Dump => File("demo.jsonl");

    public string Repaired => File("repaired.jsonl");

    public string Restored => File("restored.jsonl");

    public string Ledger => File("ledger.db");

    public string Configuration => File(DemoConfiguration.FileName);

    /// <summary>A new folder, or the given one when it is empty.</summary>
    /// <exception cref="IntegrityException">There is something in it, or it cannot be made.</exception>
    public static DemoFolder Create(string? path)
    {
        if (path is null)
        {
            return new DemoFolder(Directory.CreateTempSubdirectory("integrity-demo-").FullName);
        }

        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
            return Directory.EnumerateFileSystemEntries(full).Any()
                ? throw new IntegrityException(ErrorIds.InvalidArgument, "The folder is not empty.", full, "Name an empty or new folder.")
                : new DemoFolder(full);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, $"The folder cannot be used: {exception.Message}", full, "Name a folder that you may write to.", exception);
        }
    }

    /// <summary>SHA-256 of a file, hex.</summary>
    public static string Sha256(string file)
    {
        using var stream = System.IO.File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private string File(string name) => System.IO.Path.Combine(Path, name);
}
