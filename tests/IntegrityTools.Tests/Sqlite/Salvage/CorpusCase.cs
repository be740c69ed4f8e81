namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>What is true of a damaged file of the corpus.</summary>
/// <param name="File">Its name.</param>
/// <param name="Damage">What is damaged.</param>
/// <param name="Sound">The name of the sound database that it was.</param>
/// <param name="Rows">The true rows of each table.</param>
internal sealed record CorpusCase(string File, string Damage, string Sound, IReadOnlyDictionary<string, int> Rows)
{
    /// <summary>Whether intact rows may be in uncertain_rows, and where bytes moved in damaged_rows: nothing in the file tells them from deleted ones, or what of them is theirs.</summary>
    public bool Undecidable { get; init; }

    /// <summary>Whether the schema is given.</summary>
    public bool GiveSchema { get; init; }

    /// <summary>Whether intact rows may be in lost_and_found: nothing tells whose they are.</summary>
    public bool Unplaceable { get; init; }

    /// <summary>Whether damage within a value cannot be told from another value: rows whose own bytes were changed may come out changed.</summary>
    public bool Silent { get; init; }

    /// <summary>Whether there is a -wal beside it, of which nothing is true.</summary>
    public bool HasLog { get; init; }

    /// <summary>Where bytes came in or were cut out, by places of the sound database in their order; null: nowhere.</summary>
    public IReadOnlyList<Move>? Moves { get; init; }

    /// <summary>Where bytes of the sound database are in the damaged file; null when they were cut out or something stands between them.</summary>
    public int? Place(int offset, int length)
    {
        var place = offset;
        foreach (var (from, by) in Moves ?? [])
        {
            if (offset + length <= from)
            {
                break;
            }

            if (offset < from + Math.Max(0, -by))
            {
                return null;
            }

            place += by;
        }

        return place;
    }
}
