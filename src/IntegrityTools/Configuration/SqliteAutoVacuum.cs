namespace IntegrityTools.Configuration;

/// <summary>What a database does with pages that fall free.</summary>
public enum SqliteAutoVacuum
{
    /// <summary>They stay in the file, and are used again.</summary>
    None,

    /// <summary>Each commit gives them back, and moves others into their place.</summary>
    Full,

    /// <summary>They are given back when that is asked for.</summary>
    Incremental,
}
