using System.Globalization;

namespace IntegrityTools.Model;

/// <summary>How long an issue stood.</summary>
/// <param name="Id">The issue's id.</param>
/// <param name="Type">Its type's code.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Store">The store's address.</param>
/// <param name="FirstSeen">When it was first found, UTC.</param>
/// <param name="ResolvedAt">When it was resolved, UTC.</param>
/// <param name="ExecutionId">The execution that resolved it; null: it was gone when a scan looked for it.</param>
public sealed record IssueResolution(
    string Id, string Type, string Subject, string Store, DateTimeOffset FirstSeen, DateTimeOffset ResolvedAt, string? ExecutionId)
{
    /// <summary>In one line, for a person.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $@"{ResolvedAt - FirstSeen:d\.hh\:mm\:ss} {Type} {Subject}");
}
