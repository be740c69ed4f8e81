namespace IntegrityTools.Model;

/// <summary>Takes out what a restore put where nothing was, as far as nobody has changed it since.</summary>
/// <param name="Restored">The restore.</param>
/// <param name="RecordPath">Where that execution noted what was not there before.</param>
public sealed record RemoveRestoredAction(RestoreBackupAction Restored, string RecordPath) : RepairAction;
