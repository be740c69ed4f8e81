using System.Text.Json;
using IntegrityTools.CouchDb.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>The values at one path in the two versions and in their common ancestor.</summary>
/// <param name="Path">The path.</param>
/// <param name="Known">True when the ancestor's body is there, so that an absent <paramref name="Base"/> means that it had no such field.</param>
/// <param name="Base">The ancestor's value.</param>
/// <param name="Left">The version that the result is built on.</param>
/// <param name="Right">The other version.</param>
/// <param name="Outer">True when the ancestor stands above the one at which the versions parted, whose body is not there.</param>
internal readonly record struct Trio(FieldPath Path, bool Known, JsonElement? Base, JsonElement? Left, JsonElement? Right, bool Outer = false)
{
    /// <summary>True when the ancestor tells who changed what: an outer one tells what was removed, and not which of two values is the edit.</summary>
    public bool Tells => Known && !(Outer && Left is not null && Right is not null);

    /// <summary>Other values of the same versions.</summary>
    public Trio At(FieldPath path, JsonElement? before, JsonElement? left, JsonElement? right) =>
        this with { Path = path, Base = before, Left = left, Right = right };

    /// <summary>Both values are there and of that kind, and the ancestor's too unless it had none.</summary>
    public bool All(JsonValueKind kind) =>
        Left?.ValueKind == kind && Right?.ValueKind == kind && (Base is null || Base.Value.ValueKind == kind);
}
