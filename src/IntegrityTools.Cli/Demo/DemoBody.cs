using System.Collections.Immutable;

namespace IntegrityTools.Cli.Demo;

/// <summary>A document's members in their order, values as raw JSON, so that numbers and escapes are written exactly as meant.</summary>
internal sealed record DemoBody(ImmutableList<KeyValuePair<string, string>> Members, ImmutableList<DemoAttachment> Attachments)
{
    public static readonly DemoBody Empty = new([], []);

    /// <summary>The raw value of a member.</summary>
    public string this[string name] => Members.Find(member => member.Key == name).Value;

    /// <summary>Sets a member to raw JSON, in its place or at the end.</summary>
    public DemoBody With(string name, string json)
    {
        var index = Members.FindIndex(member => member.Key == name);
        var changed = KeyValuePair.Create(name, json);
        return this with { Members = index < 0 ? Members.Add(changed) : Members.SetItem(index, changed) };
    }

    /// <summary>Removes a member.</summary>
    public DemoBody Without(string name) => this with { Members = Members.RemoveAll(member => member.Key == name) };

    /// <summary>Adds an attachment.</summary>
    public DemoBody Attach(string name, string type, byte[] bytes) =>
        this with { Attachments = Attachments.Add(new DemoAttachment(name, type, bytes)) };
}
