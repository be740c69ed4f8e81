namespace IntegrityTools.Sqlite.Backups;

/// <summary>What PRAGMA integrity_check says of a database.</summary>
/// <param name="Damage">What is wrong with its pages, trees and indexes, the first findings; empty: nothing.</param>
/// <param name="BrokenRule">Of rows that are whole, and hold what NOT NULL, CHECK or STRICT forbids: the first finding; null: none does.</param>
/// <param name="Impossible">Why not all of it could be checked here, such as a table with an index over a function that only the application has; null: all was.</param>
internal sealed record ContentCheck(IReadOnlyList<string> Damage, string? BrokenRule, string? Impossible);
