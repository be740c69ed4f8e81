using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrityTools.CouchDb.Schemas;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Validation;

/// <summary>Patterns of schemas: what they mean, and how long they may take.</summary>
public class SchemaPatternTests
{
    [Fact]
    public void A_hostile_pattern_costs_a_moment_and_not_the_scan()
    {
        using var value = JsonDocument.Parse($"\"{new string('a', 50_000)}!\"");
        var watch = Stopwatch.StartNew();
        Assert.NotEmpty(Compile("{\"pattern\":\"^(a+)+$\"}").Validate(value.RootElement, false, false));
        Assert.Contains(
            "takes longer", Assert.Throws<SchemaException>(() => Compile("{\"pattern\":\"^(a+)+\\\\1b$\"}").Validate(value.RootElement, false, false)).Message,
            StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("^(?:[A-Za-z0-9+/]{4})*$", 100_004)]
    [InlineData("^data:image/[a-z]+;base64,(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", 400_000)]
    public void A_long_text_that_fits_was_said_not_to_fit(string pattern, int length)
    {
        var text = (pattern.Contains("data:", StringComparison.Ordinal) ? "data:image/png;base64," : string.Empty) + new string('a', length);
        using var right = JsonDocument.Parse($"\"{text}\"");
        using var wrong = JsonDocument.Parse($"\"{text}b\"");
        var schema = Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}");

        Assert.Empty(schema.Validate(right.RootElement, false, false));
        Assert.NotEmpty(schema.Validate(wrong.RootElement, false, false));
    }

    [Fact]
    public void A_large_pattern_had_no_limit_of_time_for_a_long_text()
    {
        var random = new Random(4);
        using var value = JsonDocument.Parse($"\"{string.Concat(Enumerable.Range(0, 4_000_000).Select(_ => random.Next(2) == 0 ? 'a' : 'b'))}\"");
        var failure = Assert.Throws<SchemaException>(() => Compile("{\"pattern\":\"^(?:a|b)*a(?:a|b){900}c$\"}").Validate(value.RootElement, false, false));

        Assert.Contains("takes longer than", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a[ab]{14}c", 12_000, "c", true)]
    [InlineData("a[ab]{14}c", 12_000, "", false)]
    [InlineData("[a-z]$", 210_000, "", true)]
    [InlineData("[a-z]$", 210_000, "-", false)]
    [InlineData("^(?:..)*$", 250_000, "", true)]
    [InlineData("^(?:..)*$", 250_001, "", false)]
    public void A_long_text_is_answered_right_to_its_end(string pattern, int length, string end, bool right)
    {
        var random = new Random(4);
        using var value = JsonDocument.Parse($"\"{string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(2) == 0 ? 'a' : 'b'))}aaaaaaaaaaaaaaa{end}a{end}\"");
        Assert.Equal(right, Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}").Validate(value.RootElement, false, false).Count == 0);
    }

    [Fact]
    public void A_text_that_waited_for_its_processor_is_tried_once_more()
    {
        var text = new string('a', 27) + "!";
        Assert.Throws<RegexMatchTimeoutException>(() => new TimedRegex("^(?!z)(a|aa)+$", RegexOptions.None, limit: 1, patience: 1).IsMatch(text));
        Assert.False(new TimedRegex("^(?!z)(a|aa)+$", RegexOptions.None, limit: 1, patience: 60_000).IsMatch(text));
    }

    [Theory]
    [InlineData("^.$", "😀", true)]
    [InlineData("^..$", "😀", false)]
    [InlineData("^[^x]$", "😀", true)]
    [InlineData("^[^x]$", "x", false)]
    [InlineData("^[😀😎]$", "😀", true)]
    [InlineData("^[😀😎]$", "😁", false)]
    [InlineData("^[😀-😎]$", "😁", true)]
    [InlineData("^[a-z😀-😎]+$", "a😀b😎", true)]
    [InlineData("^[😀-😎]$", "😏", false)]
    [InlineData("^[^😀-😎]$", "😏", true)]
    [InlineData("^[\\u{1F600}-\\u{1F60E}]$", "😁", true)]
    [InlineData("^\\u{1F600}$", "😀", true)]
    [InlineData("^\\ud83d\\ude00{2}$", "😀😀", true)]
    [InlineData("^😀{1,3}$", "😀😀", true)]
    [InlineData("^😀{1,3}$", "abc", false)]
    [InlineData("^[\\u{0}-\\u{10FFFF}]{3}$", "a😀ü", true)]
    [InlineData("^[\\u{FF00}-\\u{20000}]$", "𐐷", true)]
    [InlineData("^\\W\\D\\S$", "😀😀😀", true)]
    [InlineData("^[\\W\\d]+$", "😀1", true)]
    [InlineData("^[^]*$", "a😀\\n", true)]
    [InlineData("[]", "a", false)]
    [InlineData("^\\p{Nd}+$", "𝟘1", true)]
    [InlineData("^\\P{Nd}$", "𝟘", false)]
    [InlineData("^\\p{General_Category=Uppercase_Letter}$", "Ü", true)]
    [InlineData("^[\\p{Lu}\\p{Nd}_-]+$", "A1_-", true)]
    [InlineData("^\\p{Script=Greek}+$", "Ωώ", true)]
    [InlineData("^[\\p{sc=Grek} ]+$", "Ω x", false)]
    [InlineData("^\\p{Script=Han}{2}$", "漢𠀀", true)]
    [InlineData("^[\\w-.]+$", "a-b.c", true)]
    [InlineData("^[a-z[]+$", "a[", true)]
    [InlineData("^(?!.*x).{3}$", "a😀b", true)]
    [InlineData("^.{2}$", "a\\ud83d", true)]
    [InlineData("^.$", "\\r", false)]
    public void A_letter_beyond_16_bits_is_one_letter_to_a_pattern(string pattern, string text, bool right)
    {
        using var value = JsonDocument.Parse($"\"{text}\"");
        Assert.Equal(right, Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}").Validate(value.RootElement, false, false).Count == 0);
    }

    [Theory]
    [InlineData("[a", "no regular expression")]
    [InlineData("[z-a]", "no regular expression")]
    [InlineData("\\u{110000}", "no regular expression")]
    [InlineData("[\\u12]", "no regular expression")]
    [InlineData("[\\", "no regular expression")]
    [InlineData("\\p{Nothing}", "\\p{Nothing}, which is not known")]
    public void A_pattern_that_is_none_is_named(string pattern, string why)
    {
        var failure = Assert.Throws<SchemaException>(() => Compile($"{{\"pattern\":{JsonSerializer.Serialize(pattern)}}}"));
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_is_slow_on_each_text_cost_that_time_for_each_document()
    {
        using var value = JsonDocument.Parse("\"aaaaaaaaaaaaaaaaaaaaaaaaa!\"");
        using var plain = JsonDocument.Parse("\"b!\"");
        var schema = Compile("{\"pattern\":\"^(?!z)(a|aa)+!?$\"}");
        for (var number = 0; number < 1000; number++)
        {
            Assert.NotEmpty(schema.Validate(plain.RootElement, false, false));
        }

        var slow = Compile("{\"pattern\":\"^(?!z)(a|aa)+$\"}");
        var watch = Stopwatch.StartNew();
        var failure = Assert.Throws<SchemaException>(() =>
        {
            for (var number = 0; number < 10_000; number++)
            {
                Assert.NotEmpty(slow.Validate(value.RootElement, false, false));
            }
        });

        Assert.Contains("'^(?!z)(a|aa)+$'", failure.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    private static JsonSchema Compile(string schema) => JsonSchema.Compile("test:schema", RawJson.FromText(schema), _ => null);
}
