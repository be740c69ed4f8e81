using System.Text.Json.Serialization;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>What a repair does with a reference that leads nowhere.</summary>
[JsonConverter(typeof(CodeConverter<ReferenceRepair>))]
public enum ReferenceRepair
{
    /// <summary>A person decides.</summary>
    Review,

    /// <summary>It is taken out: the member, or the element of the list.</summary>
    Clear,

    /// <summary>It is made to lead to <see cref="ReferenceRule.Placeholder"/>.</summary>
    Placeholder,
}
