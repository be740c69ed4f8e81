namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>How the sample database of a damage is made.</summary>
/// <param name="PageSize">Bytes a page.</param>
/// <param name="Encoding">Its text encoding.</param>
/// <param name="AutoVacuum">0 none, 1 full.</param>
/// <param name="Rows">Rows of each table.</param>
/// <param name="Deleted">Whether a tenth of the rows and a whole table were deleted.</param>
internal sealed record SampleOptions(int PageSize = 1024, string Encoding = "UTF-8", int AutoVacuum = 0, int Rows = 1500, bool Deleted = true);
