using System.Text;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>The <c>ledger:</c> part of integrity.yaml.</summary>
public sealed record LedgerSettings
{
    private const int ShortestKey = 16;

    /// <summary>The ledger's file, a full path; null: <see cref="DefaultPath"/>.</summary>
    public string? Path { get; init; }

    /// <summary>The file whose first line is the key, a full path.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The environment variable that holds the key.</summary>
    public string? KeyEnvironment { get; init; }

    /// <summary>Where the ledger is unless told otherwise: the user's state folder (%LOCALAPPDATA% on Windows).</summary>
    public static string DefaultPath => System.IO.Path.Combine(UserFolders.State, "ledger.db");

    /// <summary>The ledger's file: the argument's, <c>INTEGRITY_LEDGER</c>'s, the configuration's, or <see cref="DefaultPath"/>.</summary>
    /// <param name="argument">The path given on the command, or null.</param>
    public string Locate(string? argument)
    {
        var chosen = new[] { argument, Environment.GetEnvironmentVariable("INTEGRITY_LEDGER"), Path }
            .FirstOrDefault(path => !string.IsNullOrEmpty(path));
        return chosen is null ? DefaultPath : System.IO.Path.GetFullPath(chosen);
    }

    /// <summary>Reads the key's bytes; null when none is configured.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidConfiguration"/>: it cannot be read, or is shorter than 16 bytes.</exception>
    public byte[]? ReadKey()
    {
        var text = Secrets.Read(KeyFile, KeyEnvironment, "the ledger's key");
        if (text is null)
        {
            return null;
        }

        var key = Encoding.UTF8.GetBytes(text);
        return key.Length >= ShortestKey
            ? key
            : throw new IntegrityException(
                ErrorIds.InvalidConfiguration,
                $"The ledger's key is {key.Length} bytes long, and a key shorter than {ShortestKey} can be guessed.",
                KeyFile ?? KeyEnvironment,
                "Make one, for example with 'openssl rand -base64 32'.");
    }
}
