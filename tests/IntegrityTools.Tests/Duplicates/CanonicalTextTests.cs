using System.Security.Cryptography;
using System.Text;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Duplicates;

namespace IntegrityTools.Tests.Duplicates;

/// <summary>The digests are those of CPython 3.13 (Unicode 15.1) and, for what that version assigns, of ICU 78.</summary>
public class CanonicalTextTests
{
    private const string EveryCharacter = "b505598a484ab04ad1f0d3e9d772f4a536b012c63ec82132e4a7fba25a8d94f2";
    private const string RandomTexts = "d1352dc636d85481fb040e67180de918945829d5feb4bac94c43eb3732f22bba";

    private static readonly int[] Pool =
    [
        0x41, 0xE9, 0x1E0B, 0x323, 0x307, 0x301, 0x327, 0x345, 0x315, 0x5B0, 0xE38, 0xE48, 0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0xD7A3, 0x1D15E, 0x1D165, 0xF71,
        0xF72, 0x3099, 0x304B, 0xFB1D, 0x2126, 0x340, 0x374, 0x1D1, 0x1EAD, 0x20D0, 0x302A,
    ];

    [Fact]
    public void Every_character_has_the_canonical_form_that_others_give_it() =>
        Assert.Equal(EveryCharacter, Digest(Enumerable.Range(0, 0x110000).Where(point => point is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32)));

    [Fact]
    public void Marks_in_any_order_come_out_in_the_order_that_others_give_them() => Assert.Equal(RandomTexts, Digest(Texts()));

    [Fact]
    public void A_text_in_canonical_form_stays_as_it_is() =>
        Assert.All(Texts().Take(500).Select(CanonicalText.Of), text => Assert.Equal(text, CanonicalText.Of(text)));

    [Theory]
    [InlineData("\u00C5", "\u212B", true)] // The letter and the unit.
    [InlineData("q\u0307\u0323", "q\u0323\u0307", true)]
    [InlineData("\uAC01", "\u1100\u1161\u11A8", true)]
    [InlineData("\uFB01", "fi", false)] // A ligature is compatible, not the same.
    [InlineData("\u00B2", "2", false)]
    public void Two_spellings_of_one_text_are_one(string one, string other, bool same) => Assert.Equal(same, CanonicalText.Of(one) == CanonicalText.Of(other));

    [Fact]
    public void A_lone_surrogate_is_itself()
    {
        Assert.Equal("a\uD800b\uD801", CanonicalText.Of("a\uD800b\uD801"));
        Assert.Equal("e\u0301\uDC00", CanonicalText.Of("\u00E9\uDC00"));
    }

    [Theory]
    [InlineData(" a \u00A0\tb\n", "a b")]
    [InlineData("\u3000", "")]
    [InlineData("a\u200Bb", "a\u200Bb")] // No white space: it stays.
    public void Space_is_one_space_between_words(string text, string expected) => Assert.Equal(expected, IdentityKeys.Normal(text, [KeyDifference.Space]));

    [Theory]
    [InlineData("\u03C3", "\u03C2")]
    [InlineData("H\u0331", "\u1E96")] // Only one of them has a character of its own.
    [InlineData("STRA\u1E9EE", "stra\u00DFe")]
    [InlineData("\u03F4", "\u03B8")]
    [InlineData("\u00E9", "E\u0301")]
    public void Case_and_composition_together(string one, string other)
    {
        KeyDifference[] ignore = [KeyDifference.Case, KeyDifference.Unicode];
        Assert.Equal(IdentityKeys.Normal(one, ignore), IdentityKeys.Normal(other, ignore));
        Assert.NotEqual(IdentityKeys.Normal(one, [KeyDifference.Space]), IdentityKeys.Normal(other, [KeyDifference.Space]));
    }

    private static IEnumerable<string> Texts()
    {
        var state = 1UL;
        for (var number = 0; number < 5000; number++)
        {
            var text = new StringBuilder();
            for (var letter = 0; letter < 8; letter++)
            {
                state = unchecked((state * 6364136223846793005) + 1442695040888963407);
                text.Append(char.ConvertFromUtf32(Pool[(int)((state >> 33) % (ulong)Pool.Length)]));
            }

            yield return text.ToString();
        }
    }

    private static string Digest(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(CanonicalText.Of(text) + "\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
