using System.Security.Cryptography;

namespace IntegrityTools.Model;

/// <summary>Makes the ids of scans, plans and executions: a prefix, the time and some chance, so that they sort by age.</summary>
public static class Identifiers
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>A new id, such as <c>plan-01hx2v9k3mq7tz4b</c>.</summary>
    /// <param name="prefix">scan, plan, exec or event.</param>
    public static string New(string prefix) => New(prefix, DateTimeOffset.UtcNow);

    /// <summary>A new id for the given moment.</summary>
    public static string New(string prefix, DateTimeOffset moment)
    {
        Span<char> text = stackalloc char[16];
        var time = moment.ToUnixTimeMilliseconds();
        for (var index = 9; index >= 0; index--)
        {
            text[index] = Alphabet[(int)(time & 31)];
            time >>= 5;
        }

        Span<byte> random = stackalloc byte[6];
        RandomNumberGenerator.Fill(random);
        for (var index = 0; index < random.Length; index++)
        {
            text[10 + index] = Alphabet[random[index] & 31];
        }

        return $"{prefix}-{text}";
    }

    /// <summary>A stable id of a fault: the first 20 hex digits of SHA-256 over the parts.</summary>
    public static string ForIssue(string store, string type, string subject, string evidenceKey)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(string.Join('\0', store, type, subject, evidenceKey));
        return "issue-" + Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 10));
    }
}
