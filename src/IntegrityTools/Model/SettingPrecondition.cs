namespace IntegrityTools.Model;

/// <summary>A setting of the database, or the definition of one of its objects, must be this.</summary>
/// <param name="Name">Such as <c>journal_mode</c>, or <c>index:idx_name</c>.</param>
/// <param name="Value">The value, or the object's SQL.</param>
public sealed record SettingPrecondition(string Name, string Value) : Precondition;
