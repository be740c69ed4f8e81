using System.Text.Json.Serialization;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>How a field is merged.</summary>
[JsonConverter(typeof(CodeConverter<MergeRuleKind>))]
public enum MergeRuleKind
{
    /// <summary>The greatest number or string.</summary>
    Max,

    /// <summary>The least number or string.</summary>
    Min,

    /// <summary>As <see cref="Counter"/>; where no ancestor is left, numbers that differ add up. Equal ones stay.</summary>
    Sum,

    /// <summary>The ancestor plus every leaf's difference from it; where no ancestor is left and the numbers differ, a person decides.</summary>
    Counter,

    /// <summary>Arrays as sets: additions and removals of all leaves.</summary>
    Union,

    /// <summary>Arrays as lists of objects identified by a key.</summary>
    KeyedList,

    /// <summary>The value is one thing: no merging inside.</summary>
    Whole,

    /// <summary>The value that stands first in a list.</summary>
    Prefer,

    /// <summary>The value of the leaf with the latest timestamp.</summary>
    Latest,

    /// <summary>The winning leaf's value.</summary>
    KeepWinner,

    /// <summary>A person decides.</summary>
    Manual,

    /// <summary>The latest value; never blocks a merge.</summary>
    Stamp,
}
