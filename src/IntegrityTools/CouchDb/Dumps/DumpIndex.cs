using System.Runtime.InteropServices;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Dumps;

/// <summary>Where the revisions of each id stand in a dump: 28 bytes a revision, ids as 128 bits of their SHA-256, sorted once.</summary>
internal sealed class DumpIndex
{
    private readonly List<Slot> slots = [];
    private ShortDigest last;

    /// <summary>How many documents there are; known after <see cref="Complete"/>.</summary>
    public long Documents { get; private set; }

    /// <summary>Notes a revision. Lengths beyond 2 GB are noted as that: a large document is read until it ends.</summary>
    public void Add(string id, long offset, long length)
    {
        var digest = ShortDigest.Of(id);
        slots.Add(new Slot(digest, offset, (int)Math.Min(length, int.MaxValue), follows: slots.Count > 0 && digest == last));
        last = digest;
    }

    /// <summary>Sorts; to be called once, after the last <see cref="Add"/>.</summary>
    /// <param name="lastOnly">True when a document whose revisions stand together in several places counts as it stands in the last of them.</param>
    public void Complete(bool lastOnly = false)
    {
        slots.Sort();
        if (lastOnly)
        {
            DropEarlier();
        }

        var span = CollectionsMarshal.AsSpan(slots);
        for (var index = 0; index < span.Length; index++)
        {
            Documents += index == 0 || span[index].Id != span[index - 1].Id ? 1 : 0;
        }
    }

    /// <summary>The places of one id's revisions, in the file's order.</summary>
    public IReadOnlyList<(long Offset, int Length)> Find(string id)
    {
        var digest = ShortDigest.Of(id);
        var low = 0;
        var high = slots.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = slots[middle].Id.CompareTo(digest) < 0 ? (middle + 1, high) : (low, middle);
        }

        return Run(low, digest);
    }

    /// <summary>The places of those ids that have more than one revision, in the order in which the ids first appear in the file.</summary>
    public IReadOnlyList<IReadOnlyList<(long Offset, int Length)>> Repeated()
    {
        var runs = new List<IReadOnlyList<(long Offset, int Length)>>();
        for (var index = 0; index + 1 < slots.Count; index++)
        {
            if (slots[index].Id == slots[index + 1].Id)
            {
                var run = Run(index, slots[index].Id);
                runs.Add(run);
                index += run.Count - 1;
            }
        }

        runs.Sort((left, right) => left[0].Offset.CompareTo(right[0].Offset));
        return runs;
    }

    /// <summary>The places of every id's revisions, ids in the order in which they first appear in the file, so that reading them moves forward.</summary>
    public IEnumerable<IReadOnlyList<(long Offset, int Length)>> InFileOrder()
    {
        var starts = new List<int>();
        for (var index = 0; index < slots.Count; index++)
        {
            if (index == 0 || slots[index].Id != slots[index - 1].Id)
            {
                starts.Add(index);
            }
        }

        starts.Sort((left, right) => slots[left].Offset.CompareTo(slots[right].Offset));
        return starts.Select(start => Run(start, slots[start].Id));
    }

    private void DropEarlier()
    {
        // From the end, the kept ones moving up.
        var kept = slots.Count;
        var dropping = false;
        for (var index = slots.Count - 1; index >= 0; index--)
        {
            var slot = slots[index];
            dropping &= kept < slots.Count && slots[kept].Id == slot.Id;
            if (!dropping)
            {
                slots[--kept] = slot;
                dropping = !slot.Follows;
            }
        }

        slots.RemoveRange(0, kept);
    }

    private List<(long Offset, int Length)> Run(int start, ShortDigest digest)
    {
        var run = new List<(long, int)>();
        for (var index = start; index < slots.Count && slots[index].Id == digest; index++)
        {
            run.Add((slots[index].Offset, slots[index].Length));
        }

        return run;
    }

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private readonly struct Slot(ShortDigest id, long offset, int length, bool follows) : IComparable<Slot>
    {
        private const int LengthBits = int.MaxValue;
        private readonly ulong high = id.High;
        private readonly ulong low = id.Low;
        public readonly long Offset = offset;
        private readonly int lengthAndSign = follows ? length | ~LengthBits : length;

        public int Length => lengthAndSign & LengthBits;

        /// <summary>True when the revision before it in the file is one of the same document.</summary>
        public bool Follows => lengthAndSign < 0;

        public ShortDigest Id => new(high, low);

        public int CompareTo(Slot other)
        {
            var byId = Id.CompareTo(other.Id);
            return byId != 0 ? byId : Offset.CompareTo(other.Offset);
        }
    }
}
