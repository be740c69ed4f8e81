namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>A way in which files get damaged.</summary>
/// <param name="Name">What is damaged.</param>
/// <param name="Options">The sample.</param>
/// <param name="Apply">The damaged file's bytes; those given are a copy.</param>
internal sealed record Damage(string Name, SampleOptions Options, Func<Sample, byte[], byte[]> Apply)
{
    /// <summary>Whether intact rows may be in uncertain_rows: nothing in the file tells them from deleted ones.</summary>
    public bool Undecidable { get; init; }

    /// <summary>Whether the schema is given.</summary>
    public bool GiveSchema { get; init; }

    /// <summary>Whether intact rows may be in lost_and_found: nothing tells whose they are.</summary>
    public bool Unplaceable { get; init; }

    /// <summary>From which byte on all bytes moved, and by how many; null: none moved.</summary>
    public Func<Sample, (int From, int By)>? Shift { get; init; }

    /// <summary>Whether damage within a value cannot be told from another value: rows whose own bytes were changed may come out changed.</summary>
    public bool Silent { get; init; }

    /// <summary>Where bytes are in the damaged file; null when they were cut out or something stands between them.</summary>
    public int? Place(Sample sample, int offset, int length) => Shift?.Invoke(sample) is not var (from, by) || offset + length <= from ? offset
        : offset >= from + Math.Max(0, -by) ? offset + by
        : null;

    public override string ToString() => Name;
}
