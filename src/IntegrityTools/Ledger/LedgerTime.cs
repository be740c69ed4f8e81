using System.Globalization;

namespace IntegrityTools.Ledger;

/// <summary>Moments as the ledger writes them: UTC, always of the same length, so that their texts sort as they do.</summary>
internal static class LedgerTime
{
    /// <summary>The text of a moment.</summary>
    public static string Of(DateTimeOffset moment) => moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>The moment of a text.</summary>
    public static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
