using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace IntegrityTools.Stores;

/// <summary>
/// Stands for an id where very many are held: 16 bytes each, whatever their length. Two numbers and not one of 128 bits: of such a one no code is
/// compiled ahead, and whatever holds it would be compiled at each start.
/// </summary>
/// <param name="High">Its first half.</param>
/// <param name="Low">Its second half.</param>
internal readonly record struct ShortDigest(ulong High, ulong Low) : IComparable<ShortDigest>
{
    /// <summary>The first 128 bits of the SHA-256 of its UTF-8: two ids with the same are not to be found.</summary>
    public static ShortDigest Of(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return new ShortDigest(BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]), BinaryPrimitives.ReadUInt64LittleEndian(hash));
    }

    /// <inheritdoc/>
    public int CompareTo(ShortDigest other) => High == other.High ? Low.CompareTo(other.Low) : High.CompareTo(other.High);

    /// <inheritdoc/>
    public override int GetHashCode() => Low.GetHashCode();
}
