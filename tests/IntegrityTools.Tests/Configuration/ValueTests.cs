using System.Text;
using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Configuration;

public class ValueTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("1h30m", 5400)]
    [InlineData("30d", 2592000)]
    [InlineData("2w", 1209600)]
    public void A_duration_is_numbers_with_units(string text, int seconds)
    {
        Assert.True(Duration.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), value);
        Assert.True(Duration.TryParse(Duration.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("1m1h")]
    [InlineData("1.5h")]
    [InlineData("99999999999999999999d")]
    [InlineData("999999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("0 2 * * *", "2024-05-01T02:00:00Z", true)]
    [InlineData("0 2 * * *", "2024-05-01T02:01:00Z", false)]
    [InlineData("*/15 9-17 * * mon-fri", "2024-05-01T09:45:00Z", true)]
    [InlineData("*/15 9-17 * * mon-fri", "2024-05-04T09:45:00Z", false)]
    [InlineData("0 3 * * 7", "2024-05-05T03:00:00Z", true)]
    [InlineData("0 0 13 * fri", "2024-05-10T00:00:00Z", true)]
    [InlineData("0 0 1,15 JAN,jul *", "2024-07-15T00:00:00Z", true)]
    public void A_cron_line_names_moments(string line, string moment, bool matches) =>
        Assert.Equal(matches, CronLine.Parse(line).Matches(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("0 0 31 2,4 *")]
    [InlineData("0 0 * * monday")]
    public void What_is_no_cron_line_is_refused(string line) => Assert.Throws<IntegrityException>(() => CronLine.Parse(line));

    [Theory]
    [InlineData("teh", "the", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void Neighbours_swapped_are_one_step(string left, string right, int steps) => Assert.Equal(steps, NearestWord.Distance(left, right));

    [Fact]
    public void The_command_goes_before_the_variable_before_the_working_folder_before_the_user_s()
    {
        var root = Directory.CreateTempSubdirectory();
        string Make(string name)
        {
            var path = Path.Combine(root.FullName, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Empty);
            return path;
        }

        var (argument, variable) = (Make("a.yaml"), Make("b.yaml"));
        var (work, home) = (Path.Combine(root.FullName, "work"), Path.Combine(root.FullName, "home"));
        Assert.Null(ConfigurationLocator.Find(null, null, work, home));
        var users = Make("home/integrity.yml");
        Assert.Equal(users, ConfigurationLocator.Find(null, null, work, home));
        var working = Make("work/integrity.yaml");
        Assert.Equal(working, ConfigurationLocator.Find(null, string.Empty, work, home));
        Assert.Equal(variable, ConfigurationLocator.Find(null, variable, work, home));
        Assert.Equal(argument, ConfigurationLocator.Find(argument, variable, work, home));
        var missing = Assert.Throws<IntegrityException>(() => ConfigurationLocator.Find("none.yaml", variable, work, home));
        Assert.Contains(Path.Combine(work, "none.yaml"), missing.Message, StringComparison.Ordinal);
        root.Delete(true);
    }

    [Fact]
    public void The_reference_page_says_what_the_table_says()
    {
        var page = Path.Combine(Engines.Repository.Root, "docs", "configuration.md");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(page)!);
            File.WriteAllText(page, Page());
        }

        Assert.Equal(Page(), File.ReadAllText(page).ReplaceLineEndings("\n"));
    }

    private static string Page()
    {
        var page = new StringBuilder("""
            # Configuration

            `integrity.yaml` is found by `--config`, by the environment variable `INTEGRITY_CONFIG`, in the working folder, then in
            `~/.config/integritytools/` (`$XDG_CONFIG_HOME`; `%APPDATA%\IntegrityTools` on Windows). Without one, all is default. The keys
            may stand under `integrity:` or by themselves. Passwords do not stand in it: `password_file` or `password_environment` say where
            they are. Stores with no password of their own take `INTEGRITY_PASSWORD`, and those with no user's name `INTEGRITY_USER`.

            This page is made from the table that the program reads by: `UPDATE_DOCS=1 dotnet test` writes it anew.

            | key | value | default | meaning |
            | --- | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (var key in ConfigurationKeys.All)
        {
            var standard = key.Default.Length == 0 ? string.Empty : $"`{key.Default}`";
            page.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{key.Path}` | {key.Type} | {standard} | {key.Description} |\n");
        }

        return page.ToString();
    }
}
