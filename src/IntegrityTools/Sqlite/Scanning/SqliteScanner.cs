using IntegrityTools.Configuration;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Files;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Scanning;

/// <summary>
/// Scans a database without a trace. What was read without a lock counts only if no file moved meanwhile: else it is read again, the
/// second time under a reader's lock where that leaves no file behind.
/// </summary>
internal sealed class SqliteScanner(string path, string store, SqliteSettings settings, string? connection)
{
    // What is found is held back until it is known to hold; of a database with more faults than these, the rest streams.
    private const int HeldBack = 10_000;
    private const int Tries = 4;

    /// <summary>The summary to check; null: those that are installed.</summary>
    public SummaryRequest? Summary { get; init; }

    // What cannot be read may hold any other fault.
    private static readonly string[] Hides = [IssueTypes.DamagedPage, IssueTypes.NotADatabase, IssueTypes.OutdatedLibrary];

    /// <summary>The issues that the request asks for.</summary>
    /// <exception cref="IntegrityException">There is no such file, it is locked, or it is written to all the time.</exception>
    public IEnumerable<IntegrityIssue> Run(ScanRequest request, ScanStatistics statistics, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var files = DatabaseFiles.Find(path);
            if (files.ReadHeader() is not { } header)
            {
                statistics.LeaveOut(request.Types, partly: true);
                foreach (var issue in NotADatabase(files, request))
                {
                    yield return issue;
                }

                yield break;
            }

            var context = new CheckContext
            {
                Request = request,
                Store = store,
                Files = files,
                Header = header,
                Settings = settings,
                Connection = connection,
                Summary = Summary,
                Cancellation = cancellationToken,
            };
            using var pass = new ScanPass(context, underLock: attempt > 1);
            var held = new List<IntegrityIssue>();
            var released = false;
            foreach (var issue in pass.Run())
            {
                if (Hides.Contains(issue.Type))
                {
                    statistics.LeaveOut(request.Types, partly: true);
                }

                if (!IsAskedFor(issue, request))
                {
                    continue;
                }

                if (!released)
                {
                    held.Add(issue);
                    if (held.Count < HeldBack)
                    {
                        continue;
                    }

                    if (pass.HasMoved)
                    {
                        break;
                    }

                    released = true;
                    foreach (var known in held)
                    {
                        yield return known;
                    }

                    continue;
                }

                yield return issue;
            }

            if (!pass.HasMoved)
            {
                if (pass.Unsettled.Count > 0)
                {
                    statistics.LeaveOut(pass.Unsettled, partly: true);
                    statistics.Remark("The header and the log were not checked: another process wrote to them each time they were read. Scan again when it is quieter.");
                }

                if (pass.WithoutLog)
                {
                    statistics.Remark("The log or journal beside the database is another one's: what is told of pages and rows is of the file as it stands, without it. No repair is planned until it is moved away.");
                }

                statistics.AddDocuments(header.PageSize == 0 ? 0 : DatabaseFiles.LengthOf(files.Path) / header.PageSize);
                foreach (var issue in released ? [] : held)
                {
                    yield return issue;
                }

                yield break;
            }

            if (released || attempt == Tries)
            {
                throw new IntegrityException(
                    ErrorIds.StoreUnavailable,
                    "Another process writes to the database all the time: what was read of it may be torn.",
                    files.Path,
                    "Scan again when it is quieter, or scan a copy made with VACUUM INTO.");
            }
        }
    }

    private static bool IsAskedFor(IntegrityIssue issue, ScanRequest request) =>
        request.IsMeant(issue)
        && (request.DocumentTypes.Count == 0 || request.DocumentTypes.Any(pattern => Wildcard.IsMatch(pattern, issue.DocumentType)));

    private IEnumerable<IntegrityIssue> NotADatabase(DatabaseFiles files, ScanRequest request)
    {
        var what = Identification.Of(files.Path);
        var issue = request.Issue(store, IssueTypes.NotADatabase, Severity.Critical, "database", what, what, new FileEvidence { Detail = what });
        return IsAskedFor(issue, request) ? [issue] : [];
    }
}
