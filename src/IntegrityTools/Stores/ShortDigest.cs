using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace IntegrityTools.Stores;

/// <summary>Stands for an id where very many are held: 16 bytes each, whatever their length.</summary>
internal static class ShortDigest
{
    /// <summary>The first 128 bits of the SHA-256 of its UTF-8: two ids with the same are not to be found.</summary>
    public static UInt128 Of(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
