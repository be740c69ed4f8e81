using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>Brings a design document's view index up to date; its definition stays.</summary>
/// <param name="Design">The design document's id.</param>
/// <param name="FromScratch">True to throw away what is there of the index first.</param>
public sealed record RebuildIndexAction(string Design, bool FromScratch) : RepairAction
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsReversible => false;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool RunsLong => true;
}
