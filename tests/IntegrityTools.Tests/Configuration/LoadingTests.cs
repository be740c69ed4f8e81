using IntegrityTools.Configuration;
using IntegrityTools.Model;

namespace IntegrityTools.Tests.Configuration;

public class LoadingTests
{
    private const string Full = """
        integrity:
          # Enable automatic integrity checks
          enabled: true

          # Scan schedule (cron format)
          scan_schedule: "0 2 * * *"  # Daily at 2 AM

          # Automatic repair settings
          auto_repair:
            enabled: false  # Manual approval required by default
            max_risk: "low"  # Only auto-repair low-risk issues
            strategies:
              - latest_wins

          # Resolution strategies
          resolution:
            default_strategy: "latest_wins"
            conflict_strategies:
              SoftwareApplication: "merge"
              ComputerServer: "latest_wins"
              Stack: "manual"

          # Validation rules
          validation:
            check_references: true
            check_schemas: true
            strict_mode: false

          # Monitoring
          monitoring:
            health_check_interval: "5m"
            alert_threshold: 80  # Alert if health score < 80
            metrics_retention: "30d"

          # Audit logging
          audit:
            enabled: true
            retention: "90d"
            log_path: "/var/log/graphium/integrity/"

          # Performance
          performance:
            max_concurrent_operations: 5
            batch_size: 100
            timeout: "30s"
        """;

    [Fact]
    public void The_service_s_own_file_loads_word_for_word()
    {
        var read = Load(Full);
        Assert.Equal(Strategy.LatestWins, read.Resolution.DefaultStrategy);
        Assert.Equal(Strategy.Manual, read.Resolution.ConflictStrategies["Stack"]);
        Assert.Equal(TimeSpan.FromDays(90), read.Audit.Retention);
        Assert.Equal("/var/log/graphium/integrity/", read.Audit.LogPath);
        Assert.Equal(TimeSpan.FromSeconds(30), read.Performance.Timeout);
        Assert.Equal("0 2 * * *", read.ScanSchedule.Text);
    }

    [Fact]
    public void Keys_stand_without_the_wrapper_too_and_an_empty_file_means_the_defaults()
    {
        Assert.Equal(7, Load("performance: {batch_size: 7}").Performance.BatchSize);
        Assert.Equal(100, Load("# nothing\n").Performance.BatchSize);
    }

    [Theory]
    [InlineData("performance:\n  batchsize: 5", 2, 3, "Unknown key", "batch_size")]
    [InlineData("batch_size: 5", 1, 1, "Unknown key", "performance.batch_size")]
    [InlineData("performance:\n  batch_size: many", 2, 15, "whole number from 1 to 10000", null)]
    [InlineData("performance:\n  batch_size: \"5\"", 2, 15, "whole number", null)]
    [InlineData("performance:\n  batch_size: 0", 2, 15, "whole number", null)]
    [InlineData("performance:\n  timeout: 30", 2, 12, "a duration", null)]
    [InlineData("scan_schedule: \"61 2 * * *\"", 1, 16, "'61' is not a minute", null)]
    [InlineData("scan_schedule: \"0 2 30 2 *\"", 1, 16, "none of its months", null)]
    [InlineData("resolution:\n  default_strategy: latest_win", 2, 21, "one of auto", "latest_wins")]
    [InlineData("enabled: yes please", 1, 10, "true or false", null)]
    [InlineData("audit: on", 1, 8, "map of keys", null)]
    [InlineData("enabled: true\nenabled: false", 2, 1, "twice", null)]
    [InlineData("- a\n- b", 1, 1, "map of keys", null)]
    [InlineData("stores:\n  a: couchdb://h/d\n  A: couchdb://h/e", 3, 3, "twice", null)]
    [InlineData("stores:\n  lab: {user: me}", 2, 8, "needs an address", null)]
    [InlineData("stores:\n  lab: couchdb://h/d\ndefault_store: lba", 3, 16, "name of a store", "lab")]
    [InlineData("resolution:\n  rules:\n    - {path: a}", 3, 7, "exactly one", null)]
    [InlineData("resolution:\n  rules:\n    - {path: a, rule: max, keep: winner}", 3, 7, "exactly one", null)]
    [InlineData("auto_repair:\n  strategies: latest_wins", 2, 15, "Expected a list, each one of auto, latest_wins, highest_rev, merge, manual, found 'latest_wins': write [latest_wins].", null)]
    [InlineData("validation:\n  required_fields:\n    T: name", 3, 8, "write [name]", null)]
    [InlineData("resolution:\n  rules: {path: a, rule: max}", 2, 10, "found a map", null)]
    [InlineData("a: 1\n---\nb: 2", 2, 1, "second document", null)]
    public void A_wrong_line_is_refused_with_its_place_and_the_nearest_right_word(
        string text, int line, int column, string words, string? suggestion)
    {
        var error = Assert.Single(Refused(text).Errors);
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(suggestion, error.Suggestion);
    }

    [Fact]
    public void All_errors_are_told_at_once_each_on_its_line()
    {
        var refused = Refused("enabeld: true\nperformance:\n  timeout: soon\n  batch_size: -1");
        Assert.Equal([1, 3, 4], refused.Errors.Select(error => error.Line));
        Assert.Equal(4, refused.Message.Split('\n').Length);
        Assert.Contains("integrity.yaml:1:1: enabeld: Unknown key", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'enabled'?", refused.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.InvalidConfiguration, refused.ErrorId);
    }

    [Fact]
    public void What_is_not_yaml_is_refused_with_its_place()
    {
        var error = Assert.Single(Refused("a: [1,\nb: }").Errors);
        Assert.StartsWith("This is not YAML", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Line, 1, 2);
    }

    [Fact]
    public void Any_damage_to_a_file_ends_in_a_configuration_or_in_its_errors()
    {
        const string marks = "{}[]:,&*!|>'\"%@`#-\n\t x<?";
        var random = new Random(11);
        for (var round = 0; round < 1000; round++)
        {
            var text = new System.Text.StringBuilder(Full);
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = marks[random.Next(marks.Length)];
            }

            if (Record.Exception(() => Load(text.ToString())) is { } failure)
            {
                Assert.NotEmpty(Assert.IsType<ConfigurationException>(failure).Errors);
            }
        }
    }

    [Theory]
    [InlineData("stores:\n  lab: {address: couchdb://h/d, password: hunter22}")]
    [InlineData("stores:\n  lab: couchdb://admin:hunter22@h/d")]
    [InlineData("stores:\n  lab: {address: couchdb://h/d, password_environment: hunter22!}")]
    [InlineData("ledger: {key: hunter22}")]
    public void A_literal_secret_is_refused_and_not_repeated(string text) =>
        Assert.DoesNotContain("hunter22", Refused(text).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Rules_are_read_in_all_their_forms()
    {
        var rules = Load("""
            resolution:
              rules:
                - {path: count, rule: counter, document_type: Stack}
                - {path: status, prefer: [done, running]}
                - {path: owner, keep: winner}
                - {path: ports, key: id}
              max_severity: high
            """).Resolution;
        Assert.Equal(
            [MergeRuleKind.Counter, MergeRuleKind.Prefer, MergeRuleKind.KeepWinner, MergeRuleKind.KeyedList],
            rules.Rules.Select(rule => rule.Kind));
        Assert.Equal(["done", "running"], rules.Rules[1].Preferred);
        Assert.Equal("id", rules.Rules[3].Key);
        Assert.Equal(Severity.High, rules.MaxSeverity);
    }

    [Fact]
    public void Anchors_and_merge_keys_are_followed_and_nearer_keys_win()
    {
        var stores = Load("""
            stores:
              first: &base {address: "couchdb://h/a", user: me}
              second: {<<: *base, address: "couchdb://h/b"}
            """).Stores;
        Assert.Equal(("me", "couchdb://h:5984/b"), (stores[1].User, stores[1].Address));
    }

    [SkippableFact]
    public void A_secret_s_file_that_everybody_can_read_is_warned_of()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no Unix file modes.");
        var file = Path.GetTempFileName();
        var text = $"stores: {{a: {{address: 'couchdb://me@h/a', password_file: '{file}'}}}}";
        Assert.Empty(Load(text).Warnings);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        }

        Assert.Contains("chmod 600", Assert.Single(Load(text).Warnings), StringComparison.Ordinal);
        File.Delete(file);
    }

    [SkippableFact]
    public void Without_a_file_yaml_is_not_loaded()
    {
        Skip.If(ConfigurationLocator.Find() is not null, "This user has an integrity.yaml.");
        var context = new SeparateContext(Path.GetDirectoryName(typeof(IntegrityConfiguration).Assembly.Location)!);
        var engine = context.LoadFromAssemblyPath(typeof(IntegrityConfiguration).Assembly.Location);
        var loader = engine.GetType("IntegrityTools.Configuration.ConfigurationLoader")!;
        loader.GetMethod("Load")!.Invoke(null, [null]);
        Assert.DoesNotContain(context.Assemblies, assembly => assembly.GetName().Name == "YamlDotNet");
        loader.GetMethod("Parse")!.Invoke(null, ["enabled: true", "integrity.yaml"]);
        Assert.Contains(context.Assemblies, assembly => assembly.GetName().Name == "YamlDotNet");
    }

    private static IntegrityConfiguration Load(string text) => ConfigurationLoader.Parse(text, "integrity.yaml");

    private static ConfigurationException Refused(string text) => Assert.Throws<ConfigurationException>(() => Load(text));

    private sealed class SeparateContext(string folder) : System.Runtime.Loader.AssemblyLoadContext("separate")
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName assemblyName)
        {
            var file = Path.Combine(folder, assemblyName.Name + ".dll");
            return File.Exists(file) ? LoadFromAssemblyPath(file) : null;
        }
    }
}
