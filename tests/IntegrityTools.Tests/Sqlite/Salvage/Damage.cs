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

    /// <summary>Whether rows keep their bytes but not their offsets.</summary>
    public bool Shifts { get; init; }

    /// <summary>Rows whose bytes are whole and nevertheless contradict the file: a chain that two rows share.</summary>
    public int MayLose { get; init; }

    public override string ToString() => Name;
}
