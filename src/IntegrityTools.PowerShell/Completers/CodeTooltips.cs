using IntegrityTools.Model;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.PowerShell.Completers;

/// <summary>What codes mean, one line each.</summary>
internal static class CodeTooltips
{
    /// <summary>The meaning of an enum's value.</summary>
    public static string Of(Enum value) => value switch
    {
        Strategy.Auto => "Timestamps, then generations, then merge, then a person; a branch that would discard an edit yields to merge.",
        Strategy.LatestWins => "The leaf with the latest timestamp is kept.",
        Strategy.HighestRev => "The leaf with the highest generation is kept; ties as CouchDB breaks them.",
        Strategy.Merge => "Three-way merge against the common ancestor; two-way without one.",
        Strategy.Manual => "A person decides: nothing is written.",
        Risk.Low => "Nothing is discarded.",
        Risk.Medium => "A configured rule chose between values.",
        Risk.High => "Somebody's edit is discarded; the operation names it.",
        Severity.Info => "Worth knowing; nothing is wrong yet.",
        Severity.Low => "A blemish.",
        Severity.Medium => "A fault that should be repaired.",
        Severity.High => "A fault that users of the data can notice.",
        Severity.Critical => "A fault that is losing data or answers wrongly now.",
        IssueStatus.Open => "Found, and nothing was done about it yet.",
        IssueStatus.Planned => "A plan has an operation for it.",
        IssueStatus.Resolved => "Repaired, or not found again.",
        IssueStatus.Ignored => "Left out of scans and plans until a day.",
        IssueStatus.Reopened => "Found again, taken back, or reopened by a person.",
        LogUse.Committed => "What SQLite itself would take of it, unless it is or may be another database's.",
        LogUse.Ignore => "Nothing of it.",
        LogUse.Everything => "All that passes its own check, behind damage and of older logs, too.",
        _ => value.ToString(),
    };

    /// <summary>The meaning of an issue's type or a group of types.</summary>
    public static string Of(string issueType) => issueType switch
    {
        "all" => "Everything but what is listed on request only.",
        "conflicts" => "The group of all kinds of conflict.",
        "duplicates" => "The group of what is there more than once; reads every body.",
        "validation" => "The group of faults in what documents hold; reads every body.",
        "consistency" => "The group of places that hold the same and differ.",
        "storage" => "The group of faults in how a store keeps its data.",
        IssueTypes.RevisionConflict => "Two or more live revisions of one document.",
        IssueTypes.EditDeleteConflict => "Somebody deleted what another edited.",
        IssueTypes.ResolvedConflict => "What every resolved conflict leaves behind; listed on request only.",
        IssueTypes.MergeCandidates => "Revision conflicts whose sides changed different fields.",
        IssueTypes.VersionMismatch => "Revision conflicts whose sides differ in a version field.",
        IssueTypes.ChecksumMismatch => "Revision conflicts whose sides differ in a checksum field.",
        IssueTypes.CountMismatch => "Two answers to one question that differ, though nothing was written.",
        IssueTypes.MissingField => "A field that documents of this type must have is not there.",
        IssueTypes.UnknownType => "A document's type is none of the known ones.",
        IssueTypes.MissingReference => "A reference leads to no document of the right type.",
        IssueTypes.SchemaViolation => "A document does not fit its type's JSON Schema.",
        IssueTypes.UnusableSchema => "A schema that cannot be used; the others were.",
        IssueTypes.IdCollision => "The store lists one id twice; never repaired automatically.",
        IssueTypes.SemanticDuplicate => "The same thing under several ids.",
        IssueTypes.UnreadableEntry => "A line or value of the store that cannot be read.",
        IssueTypes.OrphanedRevisions => "A database whose files are much larger than its data; a compaction gives the rest back.",
        IssueTypes.StaleIndex => "An index behind its database, while nothing brings it up to date.",
        IssueTypes.BrokenIndex => "An index that cannot be built or read.",
        IssueTypes.UnusedIndex => "An index that none of the configured queries uses.",
        IssueTypes.ForeignKeyViolation => "A row whose foreign key leads to no parent.",
        IssueTypes.ConstraintViolation => "A row that breaks NOT NULL, CHECK, UNIQUE or its STRICT type.",
        IssueTypes.UncheckedConstraint => "A CHECK, or an order of rows, that only its application can judge.",
        IssueTypes.DamagedPage => "A wrong page of a table, of the free pages or of the header.",
        IssueTypes.IndexMismatch => "An index that does not hold what its sound table holds.",
        IssueTypes.HotJournal => "A journal or log that a killed process left behind.",
        IssueTypes.ForeignWal => "A write-ahead log of another database or an older state.",
        IssueTypes.DamagedWal => "A write-ahead log with commits that are not seen.",
        IssueTypes.OversizedWal => "A write-ahead log that no checkpoint empties.",
        IssueTypes.UnsafeSetting => "A setting that risks data, is not the one wanted, or is not known.",
        IssueTypes.VulnerableLibrary => "A SQLite with a known bug that damages databases.",
        IssueTypes.OutdatedLibrary => "A schema that the loaded SQLite is too old to read.",
        IssueTypes.CostlyView => "A view that runs subqueries for every row of a large table.",
        IssueTypes.MissingIndex => "A foreign key, or a configured query, with no index behind it.",
        IssueTypes.SummaryDrift => "A summary that is not what its events make it.",
        IssueTypes.NotADatabase => "A file that is empty, encrypted or of another kind.",
        _ => issueType,
    };
}
