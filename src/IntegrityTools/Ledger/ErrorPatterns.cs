using System.Text.RegularExpressions;
using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>Counts messages that say the same of different things.</summary>
internal sealed partial class ErrorPatterns
{
    // More kinds of failure than a person reads; beyond them nothing new is taken in, so that memory stays bounded.
    private const int Most = 1000;
    private readonly Dictionary<(string Source, string Pattern), ErrorPattern> patterns = [];

    /// <summary>Counts a message; messages come in the order of time.</summary>
    public void Add(string source, string message, DateTimeOffset at)
    {
        var pattern = Particulars().Replace(message, "…");
        var known = patterns.GetValueOrDefault((source, pattern));
        if (known is not null || patterns.Count < Most)
        {
            patterns[(source, pattern)] = new ErrorPattern(source, pattern, (known?.Count ?? 0) + 1, at, message);
        }
    }

    /// <summary>The most frequent.</summary>
    public IReadOnlyList<ErrorPattern> Top(int count) =>
        [.. patterns.Values.OrderByDescending(pattern => pattern.Count).ThenByDescending(pattern => pattern.LastAt).Take(count)];

    // What is quoted, revisions, addresses of servers and files, and numbers.
    [GeneratedRegex("""'[^']*'|"[^"]*"|\b\d+-[0-9a-f]{2,}\b|\b[0-9a-f]{8,}\b|\b[a-z]+://\S+|(?<=\s|^)/\S+|\b\d+(?:[.,:]\d+)*""", RegexOptions.CultureInvariant)]
    private static partial Regex Particulars();
}
