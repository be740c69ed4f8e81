using System.Globalization;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>
/// The time that the patterns of one schema have taken together: one that is slow on each text of a large store stays below what a single text may take, and
/// costs hours.
/// </summary>
internal sealed class PatternTime
{
    // A pattern that is not slow takes microseconds; the rest is for its first use and for a machine that is busy.
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PerText = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan PerThousandCharacters = TimeSpan.FromMicroseconds(100);
    private TimeSpan allowed = Ahead;
    private TimeSpan spent;
    private long texts;

    /// <summary>Notes what a text has taken.</summary>
    /// <exception cref="SchemaException">All together have taken too long.</exception>
    public void Add(string pattern, int characters, TimeSpan taken)
    {
        texts++;
        spent += taken;
        allowed += PerText + (PerThousandCharacters * (characters / 1000.0));
        if (spent > allowed)
        {
            throw new SchemaException(string.Create(
                CultureInfo.InvariantCulture, $"the pattern '{pattern}' is too slow: what it and the schema's others were held against ({texts:N0} texts) took {spent.TotalSeconds:0.0} s"));
        }
    }
}
