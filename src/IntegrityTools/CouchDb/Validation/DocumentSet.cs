namespace IntegrityTools.CouchDb.Validation;

/// <summary>
/// Which documents there are, and of which types: a keyed hash of 64 bits of each id and a number for its types, in an open table of 10 bytes a
/// slot. It can take a missing document for one that is there (once in some 10^13 looks at a million), never one that is there for missing.
/// </summary>
internal sealed class DocumentSet
{
    // Types beyond this many different ones are not told apart: whoever asks is told that the types are unknown.
    private const ushort UnknownTypes = ushort.MaxValue;
    private readonly Dictionary<string, ushort> numbers = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<string>> types = [];
    private ulong[] keys = new ulong[1024];
    private ushort[] values = new ushort[1024];
    private int count;

    /// <summary>How many different ids there are.</summary>
    public int Count => count;

    /// <summary>Adds a document.</summary>
    public void Add(string id, IReadOnlyList<string> documentTypes)
    {
        if (count + (count / 2) >= keys.Length)
        {
            Grow();
        }

        count += Put(keys, values, Digest(id), Number(documentTypes)) ? 1 : 0;
    }

    /// <summary>True when the document is there with that type, or may be.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="type">The type; null: any.</param>
    public bool Has(string id, string? type)
    {
        var key = Digest(id);
        var place = Place(keys, key);
        return keys[place] == key && (type is null || values[place] == UnknownTypes || types[values[place]].Contains(type, StringComparer.Ordinal));
    }

    private ushort Number(IReadOnlyList<string> documentTypes)
    {
        var name = documentTypes.Count == 1 ? documentTypes[0] : string.Join('\0', documentTypes);
        if (!numbers.TryGetValue(name, out var number))
        {
            if (types.Count == UnknownTypes)
            {
                return UnknownTypes;
            }

            number = (ushort)types.Count;
            numbers.Add(name, number);
            types.Add(documentTypes);
        }

        return number;
    }

    private void Grow()
    {
        var moreKeys = new ulong[keys.Length * 2];
        var moreValues = new ushort[keys.Length * 2];
        for (var index = 0; index < keys.Length; index++)
        {
            if (keys[index] != 0)
            {
                Put(moreKeys, moreValues, keys[index], values[index]);
            }
        }

        (keys, values) = (moreKeys, moreValues);
    }

    private static bool Put(ulong[] keys, ushort[] values, ulong key, ushort value)
    {
        var place = Place(keys, key);
        var added = keys[place] == 0;
        keys[place] = key;
        values[place] = value;
        return added;
    }

    private static int Place(ulong[] keys, ulong key)
    {
        var place = (int)(key & (ulong)(keys.Length - 1));
        while (keys[place] != 0 && keys[place] != key)
        {
            place = (place + 1) & (keys.Length - 1);
        }

        return place;
    }

    // Zero is the empty slot.
    private static ulong Digest(string id) => KeyedHash.Of(id) | 1UL << 63;
}
