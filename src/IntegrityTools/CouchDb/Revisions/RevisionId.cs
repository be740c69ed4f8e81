using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace IntegrityTools.CouchDb.Revisions;

/// <summary>A revision: how many edits led here, and the hash that tells it from others of that generation. Ordered as CouchDB picks winners.</summary>
/// <param name="Generation">The number before the dash, from 1.</param>
/// <param name="Hash">The text after it.</param>
public sealed record RevisionId(int Generation, string Hash) : IComparable<RevisionId>
{
    private const int DigestDigits = 32;
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>Less by generation, then by hash.</summary>
    public static bool operator <(RevisionId left, RevisionId right) => Comparer<RevisionId>.Default.Compare(left, right) < 0;

    /// <summary>Greater by generation, then by hash.</summary>
    public static bool operator >(RevisionId left, RevisionId right) => Comparer<RevisionId>.Default.Compare(left, right) > 0;

    /// <summary>Not greater.</summary>
    public static bool operator <=(RevisionId left, RevisionId right) => Comparer<RevisionId>.Default.Compare(left, right) <= 0;

    /// <summary>Not less.</summary>
    public static bool operator >=(RevisionId left, RevisionId right) => Comparer<RevisionId>.Default.Compare(left, right) >= 0;

    /// <summary>Reads <c>3-abc</c>; false when it is none.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RevisionId? revision)
    {
        revision = null;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash <= 0 || dash == text!.Length - 1
            || !int.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var generation) || generation < 1)
        {
            return false;
        }

        revision = new RevisionId(generation, text[(dash + 1)..]);
        return true;
    }

    /// <summary>Reads <c>3-abc</c>.</summary>
    /// <exception cref="FormatException">It is no revision.</exception>
    public static RevisionId Parse(string text) =>
        TryParse(text, out var revision) ? revision : throw new FormatException($"'{text}' is no revision: expected a number, a dash and a hash.");

    /// <inheritdoc/>
    public int CompareTo(RevisionId? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byGeneration = Generation.CompareTo(other.Generation);
        return byGeneration != 0 ? byGeneration : CompareHashes(Hash, other.Hash);
    }

    // CouchDB compares bytes: 32 digits are the 16 that they stand for, and any other hash is its own text (couch_doc:parse_rev).
    private static int CompareHashes(string one, string other) =>
        IsDigest(one) && IsDigest(other) ? string.CompareOrdinal(one, other) : Bytes(one).AsSpan().SequenceCompareTo(Bytes(other));

    private static bool IsDigest(string hash) => hash.Length == DigestDigits && !hash.AsSpan().ContainsAnyExcept(LowerHex);

    private static byte[] Bytes(string hash) =>
        hash.Length == DigestDigits && hash.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hash) : Encoding.UTF8.GetBytes(hash);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Generation}-{Hash}");
}
