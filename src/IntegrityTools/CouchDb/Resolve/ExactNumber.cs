using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>A JSON number without rounding: integers beyond 2^53 and decimals add up exactly.</summary>
internal readonly record struct ExactNumber(BigInteger Mantissa, int Exponent, bool Scientific) : IComparable<ExactNumber>
{
    // Past these a number is no count of anything, and a sum would only cost memory.
    private const int LargestExponent = 2000;
    private const int MostDigits = 4000;

    /// <summary>Nothing counted yet.</summary>
    public static ExactNumber Zero { get; } = new(BigInteger.Zero, 0, Scientific: false);

    /// <summary>Reads a JSON number; null for anything else, and for numbers past all use.</summary>
    public static ExactNumber? Read(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.Number } number)
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(JsonMarshal.GetRawUtf8Value(number));
        var power = text.AsSpan().IndexOfAny('e', 'E');
        var digits = power < 0 ? text : text[..power];
        var exponent = 0;
        if (digits.Length > MostDigits
            || (power >= 0 && !int.TryParse(text.AsSpan(power + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            || exponent is > LargestExponent or < -LargestExponent)
        {
            return null;
        }

        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : digits.Length - point - 1;
        var mantissa = BigInteger.Parse(digits.Replace(".", string.Empty, StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return new ExactNumber(mantissa, exponent - fraction, power >= 0);
    }

    /// <summary>The exact sum, with as many decimals as the longer has.</summary>
    public static ExactNumber operator +(ExactNumber left, ExactNumber right)
    {
        var exponent = Math.Min(left.Exponent, right.Exponent);
        return new ExactNumber(left.At(exponent) + right.At(exponent), exponent, left.Scientific || right.Scientific);
    }

    /// <summary>The exact difference.</summary>
    public static ExactNumber operator -(ExactNumber left, ExactNumber right) => left + (right with { Mantissa = -right.Mantissa });

    /// <inheritdoc/>
    public int CompareTo(ExactNumber other)
    {
        var exponent = Math.Min(Exponent, other.Exponent);
        return At(exponent).CompareTo(other.At(exponent));
    }

    /// <summary>JSON text in the shape of the numbers it came from: plain, or with an exponent when one of them had one.</summary>
    public override string ToString()
    {
        if (Scientific)
        {
            var (digits, exponent) = (Mantissa, Exponent);
            while (!digits.IsZero && digits % 10 == 0)
            {
                (digits, exponent) = (digits / 10, exponent + 1);
            }

            return digits.IsZero ? "0" : string.Create(CultureInfo.InvariantCulture, $"{digits}E{exponent:+0;-0}");
        }

        if (Exponent >= 0)
        {
            return At(0).ToString(CultureInfo.InvariantCulture);
        }

        var text = BigInteger.Abs(Mantissa).ToString(CultureInfo.InvariantCulture).PadLeft(1 - Exponent, '0');
        return $"{(Mantissa.Sign < 0 ? "-" : string.Empty)}{text[..^-Exponent]}.{text[^-Exponent..]}";
    }

    private BigInteger At(int exponent) => Mantissa * BigInteger.Pow(10, Exponent - exponent);
}
