namespace IntegrityTools.Tests.Engines;

/// <summary>What a disk holds after power was lost: all that was flushed, and of the rest what luck left.</summary>
internal sealed class SimulatedDisk
{
    private const int Sector = 512;

    private readonly Dictionary<string, MemoryStream> files = new(StringComparer.Ordinal);

    /// <summary>Does one step.</summary>
    public void Apply(SqliteWrite step)
    {
        switch (step.Kind)
        {
            case SqliteWriteKind.Write:
                var file = Open(step.Path);
                file.Position = step.Offset;
                file.Write(step.Data);
                break;
            case SqliteWriteKind.Truncate:
                Open(step.Path).SetLength(step.Offset);
                break;
            case SqliteWriteKind.Delete:
                files.Remove(step.Path);
                break;
            default:
                break;
        }
    }

    /// <summary>Does the first sectors of a write, and of the one in which it broke off leaves the old bytes.</summary>
    public void ApplyTorn(SqliteWrite step, int sectors)
    {
        var end = Math.Min(step.Offset + step.Data.Length, (((step.Offset / Sector) + sectors) * Sector));
        Apply(step with { Data = step.Data[..(int)Math.Max(0, end - step.Offset)] });
    }

    /// <summary>The same, to go on with apart.</summary>
    public SimulatedDisk Copy()
    {
        var copy = new SimulatedDisk();
        foreach (var (path, content) in files)
        {
            var stream = copy.Open(path);
            content.WriteTo(stream);
        }

        return copy;
    }

    /// <summary>Puts the files into a folder, in place of what is there.</summary>
    public void WriteTo(string folder)
    {
        foreach (var old in Directory.EnumerateFiles(folder))
        {
            File.Delete(old);
        }

        foreach (var (path, content) in files)
        {
            using var file = File.Create(Path.Combine(folder, Path.GetFileName(path)));
            content.WriteTo(file);
        }
    }

    private MemoryStream Open(string path)
    {
        if (!files.TryGetValue(path, out var file))
        {
            files.Add(path, file = new MemoryStream());
        }

        return file;
    }
}
