namespace IntegrityTools.Sqlite.Salvage;

/// <summary>A place in a table's tree whose page is not what it should be.</summary>
/// <param name="Tree">The tree.</param>
/// <param name="Page">The page that should be there.</param>
/// <param name="Low">Its rowids are greater.</param>
/// <param name="High">Its rowids are not greater.</param>
/// <param name="Height">Levels of the tree below it, see <see cref="PageProbe.HeightOf"/>; -1: not known.</param>
internal sealed record LostSlot(TableTree Tree, uint Page, long Low, long High, int Height = -1);
