using System.Globalization;

namespace IntegrityTools.Model;

/// <summary>A reason for which something failed, however often.</summary>
/// <param name="Source">scan, or the operation's type.</param>
/// <param name="Pattern">The message without what differs from one to the next.</param>
/// <param name="Count">How often.</param>
/// <param name="LastAt">When last, UTC.</param>
/// <param name="Example">The newest message, whole.</param>
public sealed record ErrorPattern(string Source, string Pattern, long Count, DateTimeOffset LastAt, string Example)
{
    /// <summary>In one line, for a person.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} {Source}: {Pattern}");
}
