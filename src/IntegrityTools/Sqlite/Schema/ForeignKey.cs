namespace IntegrityTools.Sqlite.Schema;

/// <summary>A foreign key of a table.</summary>
/// <param name="Id">Its number, by which foreign_key_check names it.</param>
/// <param name="Parent">The table to which it leads.</param>
/// <param name="Columns">The columns that hold it.</param>
/// <param name="ParentColumns">The columns to which they lead; empty: the parent's primary key.</param>
/// <param name="OnDelete">What becomes of a row when its parent is deleted, in SQL's words.</param>
internal sealed record ForeignKey(long Id, string Parent, IReadOnlyList<string> Columns, IReadOnlyList<string> ParentColumns, string OnDelete);
