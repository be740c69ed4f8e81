namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Bytes that came into a database or were cut out of it.</summary>
/// <param name="From">Where.</param>
/// <param name="By">How many; negative: that were cut out.</param>
internal readonly record struct Move(int From, int By);
