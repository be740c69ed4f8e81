namespace IntegrityTools.CouchDb.Duplicates;

/// <summary>Which of many hashes came more than once: 8 bytes a slot in an open table, of which one bit says so.</summary>
internal sealed class RepeatedKeys
{
    private const ulong Again = 1;
    private const ulong Taken = 2;
    private ulong[] slots = new ulong[1024];
    private int count;

    /// <summary>How often a hash came that had come before, and how many such hashes there are: so many documents have to be looked at again.</summary>
    public long Suspects { get; private set; }

    /// <summary>Notes a hash.</summary>
    public void Add(ulong hash)
    {
        if (count + (count / 2) >= slots.Length)
        {
            Grow();
        }

        var key = KeyOf(hash);
        var place = Place(slots, key);
        if (slots[place] == 0)
        {
            slots[place] = key;
            count++;
            return;
        }

        Suspects += (slots[place] & Again) == 0 ? 2 : 1;
        slots[place] |= Again;
    }

    /// <summary>True when the hash came more than once.</summary>
    public bool IsRepeated(ulong hash) => (slots[Place(slots, KeyOf(hash))] & Again) != 0;

    private void Grow()
    {
        var more = new ulong[slots.Length * 2];
        foreach (var slot in slots.Where(slot => slot != 0))
        {
            more[Place(more, slot & ~Again)] = slot;
        }

        slots = more;
    }

    // Zero is the empty slot.
    private static ulong KeyOf(ulong hash) => (hash | Taken) & ~Again;

    private static int Place(ulong[] slots, ulong key)
    {
        var place = (int)(key >> 32) & (slots.Length - 1);
        while (slots[place] != 0 && (slots[place] & ~Again) != key)
        {
            place = (place + 1) & (slots.Length - 1);
        }

        return place;
    }
}
