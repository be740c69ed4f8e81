namespace IntegrityTools.Stores;

/// <summary>
/// The subjects of a store's known issues, of which a scan of what was changed notes those that it looks at: an issue about one of these that it does
/// not find is gone. Holds some fifty bytes an issue.
/// </summary>
public sealed class KnownSubjects
{
    private readonly List<(string Type, ShortDigest Subject, long Event)> issues = [];
    private readonly Dictionary<string, HashSet<ShortDigest>> waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ShortDigest>> seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> everywhere = new(StringComparer.Ordinal);

    /// <summary>Adds what an issue of a type is about, and by which of the ledger's events it was seen last, before the scan begins.</summary>
    public void Add(string type, string subject, long seenBy)
    {
        if (!waiting.TryGetValue(type, out var subjects))
        {
            waiting.Add(type, subjects = []);
        }

        var digest = ShortDigest.Of(subject);
        subjects.Add(digest);
        issues.Add((type, digest, seenBy));
    }

    /// <summary>Notes that the scan looks at a subject for faults of these types.</summary>
    public void Saw(string subject, IReadOnlySet<string> types)
    {
        if (waiting.Count == 0)
        {
            return;
        }

        var digest = ShortDigest.Of(subject);
        foreach (var (type, subjects) in waiting)
        {
            if (types.Contains(type) && subjects.Remove(digest))
            {
                if (!seen.TryGetValue(type, out var known))
                {
                    seen.Add(type, known = []);
                }

                known.Add(digest);
            }
        }
    }

    /// <summary>Notes that the scan looks for faults of these types everywhere.</summary>
    public void SawAll(IEnumerable<string> types)
    {
        foreach (var type in types)
        {
            if (waiting.Remove(type))
            {
                everywhere.Add(type);
            }
        }
    }

    /// <summary>Of the issues of these types about what was looked at: the events by which they were seen last.</summary>
    public IEnumerable<long> Seen(IReadOnlySet<string> types) => issues
        .Where(issue => types.Contains(issue.Type) && (everywhere.Contains(issue.Type) || (seen.TryGetValue(issue.Type, out var known) && known.Contains(issue.Subject))))
        .Select(issue => issue.Event);

    /// <summary>How many subjects with issues of a type were not looked at.</summary>
    public int NotSeen(string type) => waiting.TryGetValue(type, out var subjects) ? subjects.Count : 0;
}
