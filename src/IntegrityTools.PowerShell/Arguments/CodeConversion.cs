namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Reads what <see cref="CodeArgumentAttribute{T}"/> has checked.</summary>
internal static class CodeConversion
{
    /// <summary>The value, or null when none was given.</summary>
    public static T? ToCode<T>(this string? text)
        where T : struct, Enum => text is null ? null : Enum.Parse<T>(text);
}
