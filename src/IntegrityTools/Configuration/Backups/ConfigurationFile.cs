using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration.Backups;

/// <summary>One configuration file as a backup holds it: one JSON object a line.</summary>
/// <param name="Path">Where it stands, a full path.</param>
/// <param name="Sha256">SHA-256 of its bytes, hex; null: there was no file.</param>
/// <param name="Mode">Who may read it, as Unix has it; 0: unknown.</param>
/// <param name="Content">Its bytes, or when <paramref name="Nonce"/> is set their cipher with the tag at its end.</param>
/// <param name="Nonce">The nonce of its encryption (AES-256-GCM, the path as associated data); null: it is not encrypted.</param>
internal sealed record ConfigurationFile(string Path, string? Sha256, int Mode, byte[]? Content, byte[]? Nonce)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>The text of a file's bytes, by the mark at their beginning where they have one: as the configuration is read.</summary>
    public static string TextOf(byte[] content)
    {
        using var reader = new StreamReader(new MemoryStream(content));
        return reader.ReadToEnd();
    }

    /// <summary>Reads a file of the machine.</summary>
    /// <param name="path">Its full path.</param>
    /// <param name="key">The ledger's key, with which it is encrypted; null: it is not.</param>
    public static ConfigurationFile Read(string path, byte[]? key)
    {
        if (!File.Exists(path))
        {
            return new ConfigurationFile(path, null, 0, null, null);
        }

        var bytes = File.ReadAllBytes(path);
        var file = new ConfigurationFile(path, Convert.ToHexStringLower(SHA256.HashData(bytes)), OperatingSystem.IsWindows() ? 0 : (int)File.GetUnixFileMode(path), bytes, null);
        return key is null ? file : file.Encrypted(key);
    }

    /// <summary>Its bytes; null when there was no file.</summary>
    /// <exception cref="IntegrityException">The key is missing or another one, or the backup is damaged.</exception>
    public byte[]? Open(byte[]? key)
    {
        if (Content is null)
        {
            return null;
        }

        var bytes = Nonce is null ? Content : Decrypted(key);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == Sha256 ? bytes : throw new IntegrityException(
            ErrorIds.DamagedFile, "The backup's content of this file is not what was saved.", Path, "Take another backup.");
    }

    /// <summary>Writes it as one line.</summary>
    public byte[] ToLine()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("path", Path);
            writer.WriteString("sha256", Sha256);
            writer.WriteNumber("mode", Mode);
            if (Content is not null)
            {
                writer.WriteBase64String("content", Content);
            }

            if (Nonce is not null)
            {
                writer.WriteBase64String("nonce", Nonce);
            }

            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads all files of a backup.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.DamagedFile"/>.</exception>
    public static IReadOnlyList<ConfigurationFile> ReadAll(string backup)
    {
        try
        {
            return [.. File.ReadLines(backup).Select(OfLine)];
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new IntegrityException(ErrorIds.DamagedFile, $"The backup cannot be read: {exception.Message}", backup, "Take another one.", exception);
        }
    }

    private static ConfigurationFile OfLine(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new ConfigurationFile(
            root.GetProperty("path").GetString()!, root.GetProperty("sha256").GetString(), root.GetProperty("mode").GetInt32(),
            root.TryGetProperty("content", out var content) ? content.GetBytesFromBase64() : null,
            root.TryGetProperty("nonce", out var nonce) ? nonce.GetBytesFromBase64() : null);
    }

    private static byte[] KeyOf(byte[] key) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "integritytools configuration backup"u8.ToArray());

    private ConfigurationFile Encrypted(byte[] key)
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var cipher = new byte[Content!.Length + TagLength];
        using var aes = new AesGcm(KeyOf(key), TagLength);
        aes.Encrypt(nonce, Content, cipher.AsSpan(0, Content.Length), cipher.AsSpan(Content.Length), Encoding.UTF8.GetBytes(Path));
        return this with { Content = cipher, Nonce = nonce };
    }

    private byte[] Decrypted(byte[]? key)
    {
        if (key is null)
        {
            throw new IntegrityException(
                ErrorIds.InvalidConfiguration, "The file is encrypted in the backup, and no key is configured.", Path, "Set ledger.key_file or ledger.key_environment to the key of then.");
        }

        var bytes = new byte[Content!.Length - TagLength];
        try
        {
            using var aes = new AesGcm(KeyOf(key), TagLength);
            aes.Decrypt(Nonce!, Content.AsSpan(0, bytes.Length), Content.AsSpan(bytes.Length), bytes, Encoding.UTF8.GetBytes(Path));
            return bytes;
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile, "The file cannot be decrypted: the key is not the one of then, or the backup is damaged.", Path,
                "Set ledger.key_file or ledger.key_environment to the key of then.", exception);
        }
    }
}
