using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>
/// Hashes events into a chain and encrypts what is sensitive. The hash covers the ciphertext, so that a chain can be checked without
/// decrypting anything. Chain, encryption and key id use keys of their own, derived from the one configured, so that none tells
/// about another. Not safe for several threads at once.
/// </summary>
internal sealed class LedgerSeal : IDisposable
{
    public const int HashSize = 32;
    private const int MinimumKeySize = 16;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private readonly byte[]? chainKey;
    private readonly AesGcm? cipher;
    private readonly ArrayBufferWriter<byte> buffer = new(4096);

    public LedgerSeal(byte[]? key)
    {
        if (key is null)
        {
            return;
        }

        if (key.Length < MinimumKeySize)
        {
            throw new IntegrityException(
                ErrorIds.InvalidConfiguration, $"The ledger's key has {key.Length} bytes; it needs {MinimumKeySize} or more.", "ledger.key",
                "Make one, for example with 'openssl rand -base64 32'.");
        }

        chainKey = Derive(key, "chain", HashSize);
        cipher = new AesGcm(Derive(key, "sensitive", 32), TagSize);
        KeyId = Convert.ToHexStringLower(Derive(key, "id", 8));
    }

    /// <summary>Names the key without telling it; null without one.</summary>
    public string? KeyId { get; }

    public byte[] HashOf(StoredEvent entry) => HashOf(entry, entry.Number);

    /// <summary>The hash that the event would have at another place.</summary>
    public byte[] HashOf(StoredEvent entry, long number)
    {
        buffer.ResetWrittenCount();
        buffer.Write("event1"u8);
        buffer.Write(entry.Previous);
        Write(number);
        Write(entry.At);
        Write(entry.Actor);
        Write(entry.Kind);
        Write(entry.Store);
        Write(entry.ScanId);
        Write(entry.PlanId);
        Write(entry.ExecutionId);
        Write(entry.Subject);
        Write(entry.Data);
        Write(entry.KeyId);
        Write(entry.Sensitive);
        return Finish();
    }

    /// <summary>Seals the chain's end, so that a cut tail shows.</summary>
    public byte[] HashOfHead(long number, ReadOnlySpan<byte> hash, long baseNumber, ReadOnlySpan<byte> baseHash)
    {
        buffer.ResetWrittenCount();
        buffer.Write("head1"u8);
        Write(number);
        buffer.Write(hash);
        Write(baseNumber);
        buffer.Write(baseHash);
        return Finish();
    }

    /// <summary>Encrypts. Nonces are random: one made of the number would repeat after a ledger was put back from a copy.</summary>
    public ReadOnlyMemory<byte> Encrypt(ReadOnlySpan<byte> plain, long number)
    {
        if (cipher is null)
        {
            return plain.ToArray();
        }

        var sealedValue = new byte[NonceSize + TagSize + plain.Length];
        var nonce = sealedValue.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        cipher.Encrypt(nonce, plain, sealedValue.AsSpan(NonceSize + TagSize), sealedValue.AsSpan(NonceSize, TagSize), Place(number));
        return sealedValue;
    }

    /// <summary>Decrypts; null when the key that sealed it is not here.</summary>
    /// <exception cref="CryptographicException">The value was changed.</exception>
    public byte[]? Decrypt(byte[] value, string? keyId, long number)
    {
        if (keyId is null)
        {
            return value;
        }

        if (cipher is null || keyId != KeyId)
        {
            return null;
        }

        if (value.Length < NonceSize + TagSize)
        {
            throw new CryptographicException("The sealed value is shorter than its seal.");
        }

        var plain = new byte[value.Length - NonceSize - TagSize];
        cipher.Decrypt(value.AsSpan(0, NonceSize), value.AsSpan(NonceSize + TagSize), value.AsSpan(NonceSize, TagSize), plain, Place(number));
        return plain;
    }

    public void Dispose() => cipher?.Dispose();

    private static byte[] Place(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Derive(byte[] key, string purpose, int size) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, size, info: Encoding.ASCII.GetBytes("integritytools ledger " + purpose));

    private byte[] Finish() =>
        chainKey is null ? SHA256.HashData(buffer.WrittenSpan) : HMACSHA256.HashData(chainKey, buffer.WrittenSpan);

    private void Write(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(buffer.GetSpan(sizeof(long)), value);
        buffer.Advance(sizeof(long));
    }

    // Each field has its length before it, -1 for a text that is null: without it, moving bytes from one field to the next would keep the hash.
    private void Write(string? value)
    {
        if (value is null)
        {
            Write(-1L);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Write((long)length);
        Encoding.UTF8.GetBytes(value, buffer.GetSpan(length));
        buffer.Advance(length);
    }

    private void Write(ReadOnlyMemory<byte> value)
    {
        Write((long)value.Length);
        buffer.Write(value.Span);
    }
}
