namespace IntegrityTools.CouchDb.Schemas;

/// <summary>Which members and elements of one value some keyword has looked at: what the unevaluated keywords leave alone.</summary>
internal sealed class Evaluated
{
    private readonly HashSet<string> members = new(StringComparer.Ordinal);
    private readonly HashSet<int> places = [];
    private int items;
    private bool allMembers;

    /// <summary>Notes a member.</summary>
    public void Add(string member) => members.Add(member);

    /// <summary>Notes an element.</summary>
    public void Add(int place) => places.Add(place);

    /// <summary>Notes all members.</summary>
    public void AddAllMembers() => allMembers = true;

    /// <summary>Notes the first elements.</summary>
    public void AddFirst(int count) => items = Math.Max(items, count);

    /// <summary>Notes what a part of the schema has looked at.</summary>
    public void Add(Evaluated other)
    {
        members.UnionWith(other.members);
        places.UnionWith(other.places);
        items = Math.Max(items, other.items);
        allMembers |= other.allMembers;
    }

    /// <summary>True when the member was looked at.</summary>
    public bool Has(string member) => allMembers || members.Contains(member);

    /// <summary>True when the element was looked at.</summary>
    public bool Has(int place) => place < items || places.Contains(place);
}
