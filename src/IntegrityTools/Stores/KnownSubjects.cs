namespace IntegrityTools.Stores;

/// <summary>
/// The subjects of a store's known issues, of which a scan of what was changed notes those that it looks at: an issue about one of these that it does
/// not find is gone. Holds 16 bytes a subject.
/// </summary>
public sealed class KnownSubjects
{
    private readonly Dictionary<string, HashSet<ShortDigest>> waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ShortDigest>> seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> everywhere = new(StringComparer.Ordinal);

    /// <summary>True when nothing that is known was looked at.</summary>
    public bool NoneSeen => seen.Count == 0 && everywhere.Count == 0;

    /// <summary>Adds what an issue of a type is about, before the scan begins.</summary>
    public void Add(string type, string subject)
    {
        if (!waiting.TryGetValue(type, out var subjects))
        {
            waiting.Add(type, subjects = []);
        }

        subjects.Add(ShortDigest.Of(subject));
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

    /// <summary>True when a subject of which this was asked was looked at.</summary>
    public bool WasSeen(string type, string subject) =>
        everywhere.Contains(type) || (seen.TryGetValue(type, out var known) && known.Contains(ShortDigest.Of(subject)));

    /// <summary>How many subjects with issues of a type were not looked at.</summary>
    public int NotSeen(string type) => waiting.TryGetValue(type, out var subjects) ? subjects.Count : 0;
}
