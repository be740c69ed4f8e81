namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Of many ids the first by their order, and how many there are: a key that a million documents share costs no more than one that a thousand do.</summary>
/// <param name="most">How many are kept.</param>
internal sealed class FirstIds(int most)
{
    private readonly SortedSet<string> ids = new(StringComparer.Ordinal);

    /// <summary>The first, in their order.</summary>
    public IReadOnlyCollection<string> Ids => ids;

    /// <summary>How many were added; one that came twice counts once while it is among the first.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one.</summary>
    public void Add(string id)
    {
        if (ids.Count == most && string.CompareOrdinal(id, ids.Max) > 0)
        {
            Count++;
        }
        else if (ids.Add(id))
        {
            Count++;
            if (ids.Count > most)
            {
                ids.Remove(ids.Max!);
            }
        }
    }
}
