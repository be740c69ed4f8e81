namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>How a file of the corpus is made.</summary>
/// <param name="Name">What is damaged.</param>
/// <param name="Options">The sound database.</param>
/// <param name="Apply">The damaged file's bytes; those given are a copy.</param>
internal sealed record Damage(string Name, SampleOptions Options, Func<Sample, byte[], byte[]> Apply)
{
    /// <inheritdoc cref="CorpusCase.Undecidable"/>
    public bool Undecidable { get; init; }

    /// <inheritdoc cref="CorpusCase.GiveSchema"/>
    public bool GiveSchema { get; init; }

    /// <inheritdoc cref="CorpusCase.Unplaceable"/>
    public bool Unplaceable { get; init; }

    /// <inheritdoc cref="CorpusCase.Moves"/>
    public Func<Sample, Move[]>? Moves { get; init; }

    /// <inheritdoc cref="CorpusCase.Silent"/>
    public bool Silent { get; init; }

    /// <summary>The -wal beside the damaged file; null: there is none.</summary>
    public Func<Sample, byte[]>? Log { get; init; }
}
