namespace IntegrityTools.Sqlite.Salvage;

/// <summary>A value of a table's records.</summary>
/// <param name="Name">Its column.</param>
/// <param name="Affinity">What SQLite makes of values before it stores them: one of T, I, R, N, B (text, integer, real, numeric, blob).</param>
/// <param name="NotNull">Whether NULL cannot be stored.</param>
/// <param name="IsRowId">Whether the column is another name of the rowid: the record holds NULL instead.</param>
/// <param name="IsGenerated">Whether it is computed: nobody may insert it.</param>
internal sealed record StoredField(string Name, char Affinity, bool NotNull, bool IsRowId, bool IsGenerated)
{
    /// <summary>A declared type's affinity, by the rules of "Datatypes in SQLite", section 3.1.</summary>
    public static char AffinityOf(string? type)
    {
        bool Has(string word) => type.Contains(word, StringComparison.OrdinalIgnoreCase);
        return type switch
        {
            null or "" => 'B',
            _ when Has("INT") => 'I',
            _ when Has("CHAR") || Has("CLOB") || Has("TEXT") => 'T',
            _ when Has("BLOB") => 'B',
            _ when Has("REAL") || Has("FLOA") || Has("DOUB") => 'R',
            _ => 'N',
        };
    }
}
