namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>How the sound database of a damage is made.</summary>
/// <param name="PageSize">Bytes a page.</param>
/// <param name="Encoding">Its text encoding.</param>
/// <param name="AutoVacuum">0 none, 1 full.</param>
/// <param name="Rows">Rows of each table.</param>
/// <param name="Deleted">Whether a tenth of the rows and a whole table were deleted.</param>
/// <param name="Padding">Bytes by which names are longer, so that few rows fill large pages.</param>
/// <param name="Long">Whether every fifth row has a value of several pages, each another.</param>
/// <param name="FullText">Whether there is a full-text index.</param>
internal sealed record SampleOptions(int PageSize = 1024, string Encoding = "UTF-8", int AutoVacuum = 0, int Rows = 500, bool Deleted = true, int Padding = 0, bool Long = false, bool FullText = false)
{
    /// <summary>What its file is called.</summary>
    public string Name => $"sound-{PageSize}-{Encoding.ToLowerInvariant()}{(AutoVacuum == 0 ? string.Empty : "-auto-vacuum")}{(Deleted ? string.Empty : "-vacuumed")}{(Long ? "-long" : string.Empty)}{(FullText ? "-full-text" : string.Empty)}.db";
}
