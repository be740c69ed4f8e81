using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>A JSON number exactly as written, whatever its size: digits without trailing zeros, and a power of ten.</summary>
internal readonly struct JsonNumber : IComparable<JsonNumber>, IEquatable<JsonNumber>
{
    // Powers of ten beyond these are taken for these: no two numbers of a document differ there.
    private const long LargestExponent = 1L << 40;
    private readonly BigInteger digits;
    private readonly long exponent;

    private JsonNumber(BigInteger digits, long exponent)
    {
        this.digits = digits;
        this.exponent = exponent;
    }

    /// <summary>True for 3, 3.0 and 3e2.</summary>
    public bool IsInteger => exponent >= 0;

    /// <summary>Reads a number.</summary>
    public static JsonNumber Of(JsonElement number)
    {
        var raw = Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(number));
        var e = raw.AsSpan().IndexOfAny('e', 'E');
        var power = 0L;
        if (e >= 0)
        {
            power = BigInteger.TryParse(raw.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var written)
                ? (long)BigInteger.Clamp(written, -LargestExponent, LargestExponent)
                : 0;
        }

        var mantissa = e < 0 ? raw : raw[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            power -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }

        var plain = mantissa.TrimEnd('0');
        power += mantissa.Length - plain.Length;
        var value = plain is "" or "-" ? BigInteger.Zero : BigInteger.Parse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return new JsonNumber(value, value.IsZero ? 0 : power);
    }

    /// <summary>True when this is a whole multiple of another number.</summary>
    public bool IsMultipleOf(JsonNumber step)
    {
        if (digits.IsZero || step.digits.IsZero)
        {
            return digits.IsZero;
        }

        // Without trailing zeros no digits hold a factor of ten, so a step with the larger power never fits.
        var shift = exponent - step.exponent;
        var divisor = BigInteger.Abs(step.digits);
        return shift >= 0 && (BigInteger.Remainder(digits, divisor) * BigInteger.ModPow(10, shift, divisor) % divisor).IsZero;
    }

    /// <inheritdoc/>
    public int CompareTo(JsonNumber other)
    {
        if (digits.Sign != other.digits.Sign || digits.IsZero)
        {
            return digits.Sign.CompareTo(other.digits.Sign);
        }

        // Where the highest digits stand decides, unless they stand at the same place: then the powers differ by no more than the lengths.
        var height = Height() - other.Height();
        if (height != 0)
        {
            return height > 0 ? digits.Sign : -digits.Sign;
        }

        var shift = exponent - other.exponent;
        return shift >= 0
            ? (digits * BigInteger.Pow(10, (int)shift)).CompareTo(other.digits)
            : digits.CompareTo(other.digits * BigInteger.Pow(10, (int)-shift));
    }

    /// <inheritdoc/>
    public bool Equals(JsonNumber other) => digits == other.digits && exponent == other.exponent;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is JsonNumber other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(digits, exponent);

    /// <summary>The same text for the same number.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{digits}e{exponent}");

    private long Height() => exponent + BigInteger.Abs(digits).ToString(CultureInfo.InvariantCulture).Length;
}
