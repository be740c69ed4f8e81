using IntegrityTools.Model;

using Root = IntegrityTools.Configuration.IntegrityConfiguration;

namespace IntegrityTools.Configuration;
/// <summary>Every key that integrity.yaml can have, declared once: the reader walks this table and the reference page is made from it.</summary>
public static class ConfigurationKeys
{
    private static readonly TimeSpan LongestRetention = TimeSpan.FromDays(36500);
    private static readonly ListKind<string> Fields = new(ValueKinds.Text);

    internal static IReadOnlyList<Setting<Root>> Table { get; } =
    [
        Key("enabled", ValueKinds.Flag, c => c.Enabled, (c, v) => c with { Enabled = v }, "Whether checks run on their schedule."),
        Key("scan_schedule", ValueKinds.Cron, c => c.ScanSchedule, (c, v) => c with { ScanSchedule = v }, "When scheduled scans run."),
        Key("auto_repair.enabled", ValueKinds.Flag, c => c.AutoRepair.Enabled,
            (c, v) => c with { AutoRepair = c.AutoRepair with { Enabled = v } }, "Whether scheduled scans repair what they may."),
        Key("auto_repair.max_risk", ValueKinds.Code<Risk>(), c => c.AutoRepair.MaxRisk,
            (c, v) => c with { AutoRepair = c.AutoRepair with { MaxRisk = v } }, "The highest risk that is repaired without a person."),
        Key("auto_repair.strategies", new ListKind<Strategy>(ValueKinds.Code<Strategy>()), c => c.AutoRepair.Strategies,
            (c, v) => c with { AutoRepair = c.AutoRepair with { Strategies = v } }, "The strategies that may be used without a person."),
        Resolution("default_strategy", ValueKinds.Code<Strategy>(), r => r.DefaultStrategy, (r, v) => r with { DefaultStrategy = v },
            "The strategy for document types that conflict_strategies does not name."),
        Resolution("conflict_strategies", new MapKind<Strategy>(ValueKinds.Code<Strategy>(), StringComparer.Ordinal), r => r.ConflictStrategies,
            (r, v) => r with { ConflictStrategies = v }, "Strategies by document type."),
        Resolution("type_fields", Fields, r => r.TypeFields, (r, v) => r with { TypeFields = v },
            "Fields that hold a document's type; the first that is a string counts."),
        Resolution("timestamp_fields", Fields, r => r.TimestampFields, (r, v) => r with { TimestampFields = v },
            "Fields that hold the time of the last edit, the best first: the first one that is there counts. Times of different fields are not compared."),
        Resolution("age_fields", Fields, r => r.AgeFields, (r, v) => r with { AgeFields = v },
            "Fields that hold when a document was made: of duplicates that nothing else tells apart the oldest stays, with the earliest of the times."),
        Resolution("stamp_fields", Fields, r => r.StampFields, (r, v) => r with { StampFields = v },
            "Fields that every replica sets at each edit: they take the latest value and never block a merge."),
        Resolution("version_fields", Fields, r => r.VersionFields, (r, v) => r with { VersionFields = v },
            "Fields that hold the application's own version number: sides that differ there are a version_mismatch."),
        Resolution("checksum_fields", Fields, r => r.ChecksumFields, (r, v) => r with { ChecksumFields = v },
            "Fields that hold the application's own checksum: sides that differ there are a checksum_mismatch."),
        Resolution("rules", new ListKind<MergeRule>(new MergeRuleEntry()), r => r.Rules, (r, v) => r with { Rules = v },
            "Merge rules; the first whose document type and path match a field decides it."),
        Resolution("field_tiers.critical", Fields, r => r.CriticalFields, (r, v) => r with { CriticalFields = v },
            "Fields whose conflicts raise an issue to critical."),
        Resolution("field_tiers.high", Fields, r => r.HighFields, (r, v) => r with { HighFields = v },
            "Fields whose conflicts raise an issue to at least high."),
        Resolution("field_tiers.medium", Fields, r => r.MediumFields, (r, v) => r with { MediumFields = v },
            "Fields whose conflicts raise an issue to at least medium."),
        Resolution("max_severity", ValueKinds.OptionalCode<Severity>(), r => r.MaxSeverity, (r, v) => r with { MaxSeverity = v },
            "Issues above it are left to a person."),
        Resolution("max_risk", ValueKinds.OptionalCode<Risk>(), r => r.MaxRisk, (r, v) => r with { MaxRisk = v },
            "Operations above it are left to a person."),
        Key("validation.check_references", ValueKinds.Flag, c => c.Validation.CheckReferences,
            (c, v) => c with { Validation = c.Validation with { CheckReferences = v } }, "Whether references must lead to a document."),
        Key("validation.check_schemas", ValueKinds.Flag, c => c.Validation.CheckSchemas,
            (c, v) => c with { Validation = c.Validation with { CheckSchemas = v } }, "Whether documents are held against their type's schema."),
        Key("validation.strict_mode", ValueKinds.Flag, c => c.Validation.StrictMode,
            (c, v) => c with { Validation = c.Validation with { StrictMode = v } }, "Whether unknown fields and types are issues."),
        Key("validation.known_types", Fields, c => c.Validation.KnownTypes,
            (c, v) => c with { Validation = c.Validation with { KnownTypes = v } }, "The types that documents may have; empty: any."),
        Key("validation.required_fields", new MapKind<IReadOnlyList<string>>(Fields, StringComparer.Ordinal), c => c.Validation.RequiredFields,
            (c, v) => c with { Validation = c.Validation with { RequiredFields = v } }, "Dotted paths that documents must have, by type."),
        Key("validation.schemas", new MapKind<string>(ValueKinds.SchemaPlace, StringComparer.Ordinal), c => c.Validation.Schemas,
            (c, v) => c with { Validation = c.Validation with { Schemas = v } }, "JSON Schemas (draft 7 or 2020-12) by document type."),
        Key("validation.references", new ListKind<ReferenceRule>(new ReferenceRuleEntry()), c => c.Validation.References,
            (c, v) => c with { Validation = c.Validation with { References = v } }, "Fields that name other documents; a list of your own takes the place of the default."),
        Key("validation.identities", new ListKind<IdentityRule>(new IdentityRuleEntry()), c => c.Validation.Identities,
            (c, v) => c with { Validation = c.Validation with { Identities = v } },
            "Keys by which documents under several ids are one thing (semantic_duplicate); a list of your own takes the place of the default."),
        Key("validation.migrations", new ListKind<SchemaMigration>(new SchemaMigrationEntry()), c => c.Validation.Migrations,
            (c, v) => c with { Validation = c.Validation with { Migrations = v } }, "Steps by which a repair brings documents to the form that is asked, in their order."),
        Key("monitoring.health_check_interval", ValueKinds.Span(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)), c => c.Monitoring.HealthCheckInterval,
            (c, v) => c with { Monitoring = c.Monitoring with { HealthCheckInterval = v } }, "The time between health checks."),
        Key("monitoring.alert_threshold", ValueKinds.Number(0, 100), c => c.Monitoring.AlertThreshold,
            (c, v) => c with { Monitoring = c.Monitoring with { AlertThreshold = v } }, "A health score below it is alerted."),
        Key("monitoring.metrics_retention", ValueKinds.Span(TimeSpan.FromHours(1), LongestRetention), c => c.Monitoring.MetricsRetention,
            (c, v) => c with { Monitoring = c.Monitoring with { MetricsRetention = v } }, "How long metrics are kept."),
        Key("monitoring.resolved_retention", ValueKinds.Span(TimeSpan.Zero, LongestRetention), c => c.Monitoring.ResolvedRetention,
            (c, v) => c with { Monitoring = c.Monitoring with { ResolvedRetention = v } }, "How long an issue stays in the queue after it was resolved."),
        Key("audit.enabled", ValueKinds.Flag, c => c.Audit.Enabled, (c, v) => c with { Audit = c.Audit with { Enabled = v } },
            "Whether the audit's log file is written; the ledger always is."),
        Key("audit.retention", ValueKinds.Span(TimeSpan.FromHours(1), LongestRetention), c => c.Audit.Retention,
            (c, v) => c with { Audit = c.Audit with { Retention = v } }, "How long audit events stay before they are sealed into a file."),
        Key("audit.log_path", ValueKinds.FilePath, c => c.Audit.LogPath, (c, v) => c with { Audit = c.Audit with { LogPath = v } },
            "The folder of the audit's log file, integrity-audit.jsonl, which is made when it is not there; not set: no log file."),
        Key("performance.max_concurrent_operations", ValueKinds.Number(1, 64), c => c.Performance.MaxConcurrentOperations,
            (c, v) => c with { Performance = c.Performance with { MaxConcurrentOperations = v } }, "Requests for documents under way at one time; a feed, and small questions to the server, may come on top. With 1 a scan has one request under way."),
        Key("performance.batch_size", ValueKinds.Number(1, 10000), c => c.Performance.BatchSize,
            (c, v) => c with { Performance = c.Performance with { BatchSize = v } }, "Documents in one request; lists and feeds of a scan are cut so where this, requests_per_second or fewer concurrent operations are set."),
        Key("performance.timeout", ValueKinds.Span(TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24)), c => c.Performance.Timeout,
            (c, v) => c with { Performance = c.Performance with { Timeout = v } }, "How long one request may take without an answer."),
        Key("performance.requests_per_second", ValueKinds.OptionalNumber(1, 100000), c => c.Performance.RequestsPerSecond,
            (c, v) => c with { Performance = c.Performance with { RequestsPerSecond = v } }, "Requests started in a second, at most; not set: no bound."),
        Key("performance.shared_scan_lease", ValueKinds.Span(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), c => c.Performance.SharedScanLease,
            (c, v) => c with { Performance = c.Performance with { SharedScanLease = v } },
            "How long a process that takes part in a shared scan may be silent before others take over what it was doing."),
        Key("sqlite.check", ValueKinds.Code<SqliteCheck>(), c => c.Sqlite.Check, (c, v) => c with { Sqlite = c.Sqlite with { Check = v } },
            "How a SQLite database's pages are checked: integrity holds every index against its table, quick does not."),
        Key("sqlite.wal_limit_mb", ValueKinds.Number(1, 1000000), c => c.Sqlite.WalLimitMegabytes,
            (c, v) => c with { Sqlite = c.Sqlite with { WalLimitMegabytes = v } }, "A write-ahead log larger than this many MB is an issue."),
        Key("sqlite.journal_mode", ValueKinds.OptionalCode<SqliteJournalMode>(), c => c.Sqlite.JournalMode,
            (c, v) => c with { Sqlite = c.Sqlite with { JournalMode = v } }, "The journal mode that databases should have; not set: either is right."),
        Key("sqlite.auto_vacuum", ValueKinds.OptionalCode<SqliteAutoVacuum>(), c => c.Sqlite.AutoVacuum,
            (c, v) => c with { Sqlite = c.Sqlite with { AutoVacuum = v } }, "What databases should do with pages that fall free; not set: whatever they do. From full to incremental and back a plan can change it."),
        Key("ledger.path", ValueKinds.FilePath, c => c.Ledger.Path, (c, v) => c with { Ledger = c.Ledger with { Path = v } },
            "The ledger's file; not set: ledger.db in the user's state folder."),
        Key("ledger.key_file", ValueKinds.FilePath, c => c.Ledger.KeyFile, (c, v) => c with { Ledger = c.Ledger with { KeyFile = v } },
            "The file whose first line is the ledger's key, of 16 bytes or more."),
        Key("ledger.key_environment", ValueKinds.Variable, c => c.Ledger.KeyEnvironment,
            (c, v) => c with { Ledger = c.Ledger with { KeyEnvironment = v } }, "The environment variable that holds the ledger's key."),
        Key("configuration_files", new ListKind<string>(ValueKinds.FileName), c => c.ConfigurationFiles, (c, v) => c with { ConfigurationFiles = v },
            "Configuration files of applications, or folders of them, that a backup of the configuration saves beside this file."),
        Key("stores", new MapKind<StoreSettings>(new StoreEntry(), StringComparer.OrdinalIgnoreCase),
            c => c.Stores.ToDictionary(store => store.Name), (c, v) => c with { Stores = [.. v.Values] }, "The stores, by names of your own; case does not matter."),
        Key("default_store", ValueKinds.OptionalText, c => c.DefaultStore, (c, v) => c with { DefaultStore = v },
            "The store that is meant when none is named; not set: the one marked as default, or the only one."),
    ];

    /// <summary>The keys, in the order of the table.</summary>
    public static IReadOnlyList<ConfigurationKey> All { get; } =
        [.. Table.SelectMany(setting => setting.Keys(new Root(), string.Empty))];

    private static Setting<Root, T> Key<T>(string name, ValueKind<T> kind, Func<Root, T> get, Func<Root, T, Root> set, string description) =>
        new(name, kind, get, set, description);

    private static Setting<Root, T> Resolution<T>(
        string name, ValueKind<T> kind, Func<ResolutionSettings, T> get, Func<ResolutionSettings, T, ResolutionSettings> set, string description) =>
        new("resolution." + name, kind, c => get(c.Resolution), (c, v) => c with { Resolution = set(c.Resolution, v) }, description);
}
