using IntegrityTools.Cli.Hosting;
using IntegrityTools.Cli.Output;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Tests;

public sealed class OutputTests
{
    [Theory]
    [InlineData("container-1", 20, "container-1")]
    [InlineData("container-1234567890", 11, "container-…")]
    [InlineData("日本語の文書", 7, "日本語…")]
    [InlineData("日本語の文書", 6, "日本…")]
    public void Text_is_cut_to_columns_not_to_letters(string text, int columns, string fitted)
    {
        Assert.Equal(fitted, TerminalText.Fit(text, columns));
        Assert.True(TerminalText.Columns(TerminalText.Fit(text, columns)) <= columns);
    }

    [Theory]
    [InlineData("a\u001b[2Jb", "a\\u001b[2Jb")]
    [InlineData("line\nbreak", "line\\u000abreak")]
    [InlineData("right\u202Eleft", "right\\u202eleft")]
    [InlineData("Zoë 🍅", "Zoë 🍅")]
    public void What_could_move_the_cursor_is_escaped(string text, string clean) => Assert.Equal(clean, TerminalText.Clean(text));

    [Fact]
    public void Wrapped_text_loses_no_word_and_fits()
    {
        const string text = "auto: latest_wins would discard 2 edits, so the leaves are merged: no edits collide.";

        var lines = TerminalText.Wrap(text, 30).ToList();

        Assert.Equal(text, string.Join(' ', lines));
        Assert.All(lines, line => Assert.True(line.Length <= 30));
    }

    [Fact]
    public void Progress_tells_rate_and_time_left() => Assert.Equal(
        "Scanning 2,000 of 10,000 documents · 1,000/s · 8.0 s left · 12 found",
        ProgressLine.Describe(new WorkProgress("Scanning", 2000, 10_000, "documents", 12), TimeSpan.FromSeconds(2)));

    [Fact]
    public void Progress_without_a_total_promises_no_time() => Assert.Equal(
        "Scanning 500 documents · 250/s",
        ProgressLine.Describe(new WorkProgress("Scanning", 500, null, "documents", 0), TimeSpan.FromSeconds(2)));

    [Theory]
    [InlineData("plan.json", "plan.json")]
    [InlineData("my plan.json", "'my plan.json'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("", "''")]
    public void A_word_is_quoted_as_a_shell_wants_it(string word, string quoted) => Assert.Equal(quoted, CommandWords.Argument(word));

    [Theory]
    [InlineData(ErrorIds.LeaseHeld, 4)]
    [InlineData(ErrorIds.PlanChanged, 4)]
    [InlineData(ErrorIds.InvalidArgument, 2)]
    [InlineData(ErrorIds.AccessDenied, 1)]
    [InlineData(ErrorIds.StoreUnavailable, 1)]
    public void A_failure_has_the_exit_code_that_its_kind_promises(string id, int code) =>
        Assert.Equal(code, ExitCodes.Of(new IntegrityException(id, "message")));
}
