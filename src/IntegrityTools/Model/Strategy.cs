using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>How a conflict between revisions is decided.</summary>
[JsonConverter(typeof(CodeConverter<Strategy>))]
public enum Strategy
{
    /// <summary>The decision tree: timestamps, then generations, then merge, then manual; a branch that would discard an edit yields to merge.</summary>
    Auto,

    /// <summary>The leaf with the latest timestamp is kept.</summary>
    LatestWins,

    /// <summary>The leaf with the highest generation is kept; ties by revision hash, as CouchDB breaks them.</summary>
    HighestRev,

    /// <summary>Three-way merge against the common ancestor; two-way without one.</summary>
    Merge,

    /// <summary>A person decides.</summary>
    Manual,
}
