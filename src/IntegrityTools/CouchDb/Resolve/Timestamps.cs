using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>
/// The moment of a document's last edit: ISO 8601 with any offset (none means UTC), or epoch seconds or milliseconds, told apart by
/// magnitude. What cannot be read is not available, never the oldest: a field that is there and cannot be read does not yield to the next one,
/// which may tell when the document was made.
/// </summary>
internal static class Timestamps
{
    // 1e11 seconds is the year 5138, 1e11 milliseconds is March 1973: no clock gives the one for the other.
    private const decimal LeastMilliseconds = 100_000_000_000m;
    private const decimal LeastMicroseconds = 100_000_000_000_000m;
    private const int LeastDigitsOfNumericText = 9;

    /// <summary>The first configured field that is there, and its moment; null when there is none, or it cannot be read.</summary>
    public static (DateTimeOffset Value, string Field)? Of(RawJson body, ResolutionSettings settings)
    {
        if (body.IsEmpty)
        {
            return null;
        }

        using var document = body.Parse();
        return Of(document.RootElement, settings);
    }

    /// <summary>The same for a parsed document.</summary>
    public static (DateTimeOffset Value, string Field)? Of(JsonElement body, ResolutionSettings settings) => Of(body, settings.TimestampFields);

    /// <summary>The first of some fields that is there, and its moment; null when there is none, or it cannot be read.</summary>
    public static (DateTimeOffset Value, string Field)? Of(JsonElement body, IReadOnlyList<string> fields)
    {
        foreach (var field in fields)
        {
            if (DocumentFields.Find(body, field) is { } value)
            {
                return Read(value) is { } moment ? (moment, field) : null;
            }
        }

        return null;
    }

    /// <summary>The moment that a value gives; null when it gives none.</summary>
    public static DateTimeOffset? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Epoch(Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(value))),
        JsonValueKind.String => Text(JsonEquality.Text(value).Trim()),
        _ => null,
    };

    private static DateTimeOffset? Text(string text) =>
        text.Length >= LeastDigitsOfNumericText && text.All(letter => char.IsAsciiDigit(letter) || letter == '.') ? Epoch(text) : Iso(text);

    private static DateTimeOffset? Epoch(string text)
    {
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number < 0 || number >= LeastMicroseconds)
        {
            return null;
        }

        var milliseconds = number >= LeastMilliseconds ? number : number * 1000;
        return milliseconds < LeastMicroseconds ? DateTimeOffset.UnixEpoch.AddTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond)) : null;
    }

    private static DateTimeOffset? Iso(string text)
    {
        var rest = text.AsSpan();
        if (!Digits(ref rest, 4, out var year) || !Skip(ref rest, "-") || !Digits(ref rest, 2, out var month)
            || !Skip(ref rest, "-") || !Digits(ref rest, 2, out var day)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return null;
        }

        var ticks = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks;
        if (!rest.IsEmpty && (!Skip(ref rest, "Tt ") || !Time(ref rest, ref ticks) || !Offset(ref rest, ref ticks)))
        {
            return null;
        }

        return rest.IsEmpty && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
    }

    private static bool Time(ref ReadOnlySpan<char> rest, ref long ticks)
    {
        if (!Digits(ref rest, 2, out var hour) || !Skip(ref rest, ":") || !Digits(ref rest, 2, out var minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        ticks += (hour * TimeSpan.TicksPerHour) + (minute * TimeSpan.TicksPerMinute);
        if (!Skip(ref rest, ":"))
        {
            return true;
        }

        if (!Digits(ref rest, 2, out var second) || second > 60)
        {
            return false;
        }

        ticks += second * TimeSpan.TicksPerSecond;
        if (!Skip(ref rest, ".,"))
        {
            return true;
        }

        var count = 0;
        for (var unit = TimeSpan.TicksPerSecond / 10; count < rest.Length && char.IsAsciiDigit(rest[count]); count++, unit /= 10)
        {
            ticks += (rest[count] - '0') * unit;
        }

        rest = rest[count..];
        return count > 0;
    }

    private static bool Offset(ref ReadOnlySpan<char> rest, ref long ticks)
    {
        rest = rest.TrimStart(' ');
        if (rest.IsEmpty || Skip(ref rest, "Zz"))
        {
            return true;
        }

        var sign = rest[0] == '-' ? 1 : -1;
        if (!Skip(ref rest, "+-") || !Digits(ref rest, 2, out var hours) || hours > 23)
        {
            return false;
        }

        Skip(ref rest, ":");
        if (!Digits(ref rest, 2, out var minutes))
        {
            minutes = 0;
        }

        ticks += sign * ((hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute));
        return minutes < 60;
    }

    private static bool Skip(ref ReadOnlySpan<char> rest, string any)
    {
        if (rest.IsEmpty || !any.Contains(rest[0], StringComparison.Ordinal))
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool Digits(ref ReadOnlySpan<char> rest, int count, out int value)
    {
        value = 0;
        if (rest.Length < count || !int.TryParse(rest[..count], NumberStyles.None, CultureInfo.InvariantCulture, out value))
        {
            return false;
        }

        rest = rest[count..];
        return true;
    }
}
