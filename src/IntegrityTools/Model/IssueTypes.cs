using IntegrityTools.Configuration;

namespace IntegrityTools.Model;

/// <summary>The codes of faults and their groups. More may be added; none is ever renamed.</summary>
public static class IssueTypes
{
    /// <summary>Two or more live leaf revisions of one document.</summary>
    public const string RevisionConflict = "revision_conflict";

    /// <summary>A live leaf beside a deleted leaf whose parent is an ancestor of the live one: somebody deleted what another edited.</summary>
    public const string EditDeleteConflict = "edit_delete_conflict";

    /// <summary>As a filter: revision conflicts whose sides changed different fields, so that all edits can be kept.</summary>
    public const string MergeCandidates = "merge_candidates";

    /// <summary>As a filter: revision conflicts whose sides differ in a configured version field.</summary>
    public const string VersionMismatch = "version_mismatch";

    /// <summary>As a filter: revision conflicts whose sides differ in a configured checksum field.</summary>
    public const string ChecksumMismatch = "checksum_mismatch";

    /// <summary>A deleted leaf at the end of a branch of its own: what every resolved conflict leaves behind. Listed on request only.</summary>
    public const string ResolvedConflict = "resolved_conflict";

    /// <summary>A line of a dump that cannot be read, or a document that is nested too deeply to be looked into; the rest was scanned.</summary>
    public const string UnreadableEntry = "unreadable_entry";

    /// <summary>A database whose files are much larger than what is in use in them: bodies of old revisions and other space that a compaction gives back.</summary>
    public const string OrphanedRevisions = "orphaned_revisions";

    /// <summary>Two answers to one question about a database that differ, though nothing was written between them.</summary>
    public const string CountMismatch = "count_mismatch";

    /// <summary>An index that is behind its database, while nothing brings it up to date: the next query waits for it.</summary>
    public const string StaleIndex = "stale_index";

    /// <summary>An index that cannot be built or read: its function does not compile or ends the build, or what is stored of it is damaged.</summary>
    public const string BrokenIndex = "broken_index";

    /// <summary>A Mango index that none of the configured queries uses.</summary>
    public const string UnusedIndex = "unused_index";

    /// <summary>Fields that a document of its type must have are not there.</summary>
    public const string MissingField = "missing_field";

    /// <summary>A document's type is none of the known ones.</summary>
    public const string UnknownType = "unknown_type";

    /// <summary>A reference leads to no document, to a deleted one, or to one of another type.</summary>
    public const string MissingReference = "missing_reference";

    /// <summary>A document does not fit its type's JSON Schema.</summary>
    public const string SchemaViolation = "schema_violation";

    /// <summary>A schema that cannot be used: it is not there, does not compile, or a pattern in it takes too long. Its type's documents were not all held against it.</summary>
    public const string UnusableSchema = "unusable_schema";

    /// <summary>The store lists one id twice. Never repaired automatically.</summary>
    public const string IdCollision = "id_collision";

    /// <summary>The same thing under several ids: documents of one type with the same key.</summary>
    public const string SemanticDuplicate = "semantic_duplicate";

    /// <summary>A row whose foreign key leads to no parent.</summary>
    public const string ForeignKeyViolation = "foreign_key_violation";

    /// <summary>A row that breaks NOT NULL, CHECK, UNIQUE or the types of a STRICT table.</summary>
    public const string ConstraintViolation = "constraint_violation";

    /// <summary>A CHECK that only its application can evaluate: rows were not held against it.</summary>
    public const string UncheckedConstraint = "unchecked_constraint";

    /// <summary>A page of a table, of the list of free pages or of the file's own administration that is wrong.</summary>
    public const string DamagedPage = "damaged_page";

    /// <summary>An index that does not hold what its table holds. Nothing of the table is lost.</summary>
    public const string IndexMismatch = "index_mismatch";

    /// <summary>A rollback journal, or a log with commits, that a process left behind when it ended.</summary>
    public const string HotJournal = "hot_journal";

    /// <summary>A write-ahead log of another database, or of an older state of this one.</summary>
    public const string ForeignWal = "foreign_wal";

    /// <summary>A write-ahead log whose header or frames are damaged, so that commits in it are not seen.</summary>
    public const string DamagedWal = "damaged_wal";

    /// <summary>A write-ahead log larger than <c>sqlite.wal_limit_mb</c>.</summary>
    public const string OversizedWal = "oversized_wal";

    /// <summary>A setting that risks data, or that is not the one wanted.</summary>
    public const string UnsafeSetting = "unsafe_setting";

    /// <summary>A SQLite library with a known bug that damages databases.</summary>
    public const string VulnerableLibrary = "vulnerable_library";

    /// <summary>A schema that the loaded SQLite is too old to read.</summary>
    public const string OutdatedLibrary = "outdated_library";

    /// <summary>A view that runs subqueries for every row of a large table.</summary>
    public const string CostlyView = "costly_view";

    /// <summary>A foreign key, or a configured query of a CouchDB database, with no index behind it.</summary>
    public const string MissingIndex = "missing_index";

    /// <summary>A file that is no SQLite database, or none that can be read: empty, encrypted, of another kind.</summary>
    public const string NotADatabase = "not_a_database";

    /// <summary>A summary that is not what its events make it: a value, a missing row, or its table, indexes and trigger.</summary>
    public const string SummaryDrift = "summary_drift";

    private static readonly string[] Rows = [ForeignKeyViolation, ConstraintViolation, UncheckedConstraint];

    private static readonly string[] Files =
    [
        DamagedPage, IndexMismatch, HotJournal, ForeignWal, DamagedWal, OversizedWal, UnsafeSetting, VulnerableLibrary, OutdatedLibrary,
        CostlyView, MissingIndex, NotADatabase,
    ];

    // What of documents needs every body to be read.
    private static readonly string[] Bodies = [MissingField, UnknownType, MissingReference, SchemaViolation, UnusableSchema];

    private static readonly string[] Conflicts = [RevisionConflict, EditDeleteConflict, MergeCandidates, VersionMismatch, ChecksumMismatch];

    // What a CouchDB server is asked about how it keeps a database.
    private static readonly string[] Databases = [OrphanedRevisions, CountMismatch, StaleIndex, BrokenIndex, UnusedIndex];

    private static readonly string[] Usual = [.. Conflicts, UnreadableEntry, .. Databases, .. Rows, .. Files, SummaryDrift];

    private static readonly Dictionary<string, string[]> Groups = new(StringComparer.OrdinalIgnoreCase)
    {
        ["all"] = [.. Usual, .. Bodies, IdCollision, SemanticDuplicate],
        ["conflicts"] = Conflicts,
        ["duplicates"] = [IdCollision, SemanticDuplicate],
        ["validation"] = [.. Bodies, .. Rows],
        ["storage"] = [UnreadableEntry, .. Databases, .. Files],
        ["consistency"] = [SummaryDrift],
    };

    private static readonly string[] Known = [.. Usual, ResolvedConflict, .. Bodies, IdCollision, SemanticDuplicate];

    // What only a running server can be asked.
    private static readonly string[] NeedServer = [IdCollision, MissingIndex, .. Databases];

    /// <summary>What a SQLite database can have.</summary>
    public static IReadOnlySet<string> OfSqlite { get; } = new HashSet<string>([.. Rows, .. Files, SummaryDrift], StringComparer.Ordinal);

    /// <summary>What a database on a CouchDB server can have.</summary>
    public static IReadOnlySet<string> OfCouchDb { get; } = Known.Except(OfSqlite).Append(MissingIndex).ToHashSet(StringComparer.Ordinal);

    /// <summary>What a dump of a CouchDB database can have.</summary>
    public static IReadOnlySet<string> OfDumps { get; } = OfCouchDb.Except(NeedServer).ToHashSet(StringComparer.Ordinal);

    /// <summary>What a file can have that holds the winner of each document and nothing of its other leaves.</summary>
    public static IReadOnlySet<string> OfWinners { get; } = OfDumps.Except([.. Conflicts, ResolvedConflict]).ToHashSet(StringComparer.Ordinal);

    /// <summary>What is looked for on request only, even with <c>all</c>.</summary>
    public static IReadOnlySet<string> OnRequest { get; } = Known.Except(Groups["all"]).ToHashSet(StringComparer.Ordinal);

    /// <summary>Every code and group that <c>-Type</c> and <c>--type</c> take.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Groups.Keys, .. Known];

    /// <summary>Turns codes and groups (snake_case or PascalCase) into a set of codes; empty means all that is looked for unless told otherwise.</summary>
    /// <param name="names">The codes and groups.</param>
    /// <param name="withBodies">Whether that takes in what is found by reading every document's body: when the configuration asks for it.</param>
    /// <exception cref="IntegrityException">A name is neither a code nor a group.</exception>
    public static IReadOnlySet<string> Expand(IEnumerable<string> names, bool withBodies = false)
    {
        ArgumentNullException.ThrowIfNull(names);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var plain = Plain(name);
            if (Groups.FirstOrDefault(group => Plain(group.Key).Equals(plain, StringComparison.OrdinalIgnoreCase)).Value is { } group)
            {
                codes.UnionWith(group);
            }
            else if (Known.FirstOrDefault(code => Plain(code).Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } code)
            {
                codes.Add(code);
            }
            else
            {
                throw new IntegrityException(
                    ErrorIds.UnknownIssueType, $"'{name}' is no issue type.{(NearestWord.Of(name, Names) is { } meant ? $" Did you mean '{meant}'?" : string.Empty)}", name, $"Use one of: {string.Join(", ", Names)}.");
            }
        }

        return codes.Count > 0 ? codes : [.. Usual, .. withBodies ? [.. Bodies, IdCollision, SemanticDuplicate] : Array.Empty<string>()];
    }

    /// <summary>Short words for a set of codes: a group's name where it holds all that there is of the group, and the codes of the others.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="existing">The codes that there are in this place.</param>
    public static IReadOnlyList<string> Shorten(IReadOnlySet<string> codes, IReadOnlySet<string> existing)
    {
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(existing);
        var words = new List<string>();
        var left = codes.ToHashSet(StringComparer.Ordinal);
        foreach (var (name, group) in Groups.Where(group => group.Key != "all"))
        {
            var here = group.Where(existing.Contains).ToList();
            if (here.Count > 0 && here.TrueForAll(codes.Contains))
            {
                words.Add(name);
                left.ExceptWith(here);
            }
        }

        return [.. words, .. left.Order(StringComparer.Ordinal)];
    }

    private static string Plain(string name) => name.Trim().Replace("_", string.Empty, StringComparison.Ordinal);
}
