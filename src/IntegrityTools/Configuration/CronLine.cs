using System.Globalization;
using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>
/// A schedule of five fields: minute, hour, day of month, month, day of week. Each takes <c>*</c>, numbers, ranges, lists, steps,
/// and names of months and days. As in crontab(5), when both day fields are restricted, either is enough; 7 is Sunday, too.
/// </summary>
public sealed record CronLine
{
    private static readonly Field[] Fields =
    [
        new("minute", 0, 59, []),
        new("hour", 0, 23, []),
        new("day of month", 1, 31, []),
        new("month", 1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        new("day of week", 0, 7, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ];

    private readonly ulong[] masks;
    private readonly bool eitherDay;

    private CronLine(string text, ulong[] masks, bool eitherDay)
    {
        Text = text;
        this.masks = masks;
        this.eitherDay = eitherDay;
    }

    /// <summary>The line as written, with single spaces.</summary>
    public string Text { get; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidArgument"/>: it is none; the message names the field.</exception>
    public static CronLine Parse(string text) => TryParse(text, out var line, out var reason)
        ? line!
        : throw new IntegrityException(
            ErrorIds.InvalidArgument, $"'{text}' is no cron line: {reason}.", text, "Write five fields, such as '0 2 * * *' for daily at 02:00.");

    /// <summary>Reads a line; false with the reason when it is none or names a day that never comes.</summary>
    public static bool TryParse(string text, out CronLine? line, out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        line = null;
        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            reason = $"it has {parts.Length} fields instead of five (minute, hour, day of month, month, day of week)";
            return false;
        }

        var masks = new ulong[Fields.Length];
        for (var index = 0; index < parts.Length; index++)
        {
            if (!Fields[index].TryParse(parts[index], out masks[index]))
            {
                reason = $"'{parts[index]}' is not a {Fields[index].Name} ({Fields[index].Lowest} to {Fields[index].Highest}, *, ranges, lists, steps)";
                return false;
            }
        }

        masks[4] |= (masks[4] >> 7) & 1;
        var (anyDate, anyWeekday) = (parts[2].StartsWith('*'), parts[4].StartsWith('*'));
        if (anyWeekday && !Enumerable.Range(1, 12).Any(month => Has(masks[3], month) && HasDay(masks[2], month)))
        {
            reason = "none of its months has such a day";
            return false;
        }

        reason = null;
        line = new CronLine(string.Join(' ', parts), masks, !anyDate && !anyWeekday);
        return true;
    }

    /// <summary>Whether the line names the minute of a moment, in that moment's own offset.</summary>
    public bool Matches(DateTimeOffset moment)
    {
        var date = Has(masks[2], moment.Day);
        var weekday = Has(masks[4], (int)moment.DayOfWeek);
        return Has(masks[0], moment.Minute) && Has(masks[1], moment.Hour) && Has(masks[3], moment.Month)
            && (eitherDay ? date || weekday : date && weekday);
    }

    /// <summary>Two lines are equal when they are written alike.</summary>
    public bool Equals(CronLine? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool Has(ulong mask, int value) => (mask >> value & 1) == 1;

    private static bool HasDay(ulong mask, int month) =>
        Enumerable.Range(1, DateTime.DaysInMonth(2024, month)).Any(day => Has(mask, day));

    private sealed record Field(string Name, int Lowest, int Highest, string[] Names)
    {
        public bool TryParse(string text, out ulong mask)
        {
            mask = 0;
            foreach (var item in text.Split(','))
            {
                var parts = item.Split('/');
                var step = 1;
                if (parts.Length > 2 || (parts.Length == 2 && (!TryNumber(parts[1], out step) || step < 1 || step > Highest))
                    || !TryRange(parts[0], parts.Length == 2, out var from, out var to))
                {
                    return false;
                }

                for (var value = from; value <= to; value += step)
                {
                    mask |= 1UL << value;
                }
            }

            return true;
        }

        private static bool TryNumber(string text, out int value) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

        private bool TryRange(string text, bool stepped, out int from, out int to)
        {
            (from, to) = (Lowest, Highest);
            if (text == "*")
            {
                return true;
            }

            var ends = text.Split('-');
            if (ends.Length > 2 || !TryValue(ends[0], out from))
            {
                return false;
            }

            // 5/15 means from 5 on, as Vixie's cron and its heirs have it.
            to = ends.Length == 1 && !stepped ? from : Highest;
            return ends.Length == 1 || (TryValue(ends[1], out to) && from <= to);
        }

        private bool TryValue(string text, out int value)
        {
            var name = Array.FindIndex(Names, candidate => candidate.Equals(text, StringComparison.OrdinalIgnoreCase));
            value = name + Lowest;
            return name >= 0 || (TryNumber(text, out value) && value >= Lowest && value <= Highest);
        }
    }
}
