namespace IntegrityTools.Ledger;

/// <summary>The kinds of events. None is ever renamed: old ledgers are read by newer versions.</summary>
public static class LedgerEventKinds
{
    /// <summary>A scan began, or one that was cut goes on. Data: a <see cref="Model.ScanReport"/>.</summary>
    public const string ScanStarted = "scan_started";

    /// <summary>An issue was found. Subject: its id. Data: type, severity, subject. Sensitive: the whole issue.</summary>
    public const string IssueFound = "issue_found";

    /// <summary>A scan of what was changed looked at what these issues are about, and did not find them again. Data: ids.</summary>
    public const string IssuesGone = "issues_gone";

    /// <summary>A scan has come so far, and all that it found before is recorded. Data: a <see cref="ScanProgress"/>.</summary>
    public const string ScanProgressed = "scan_progressed";

    /// <summary>A person ignores an issue until a day. Subject: its id. Data: reason, until.</summary>
    public const string IssueIgnored = "issue_ignored";

    /// <summary>A person wants an issue dealt with after all. Subject: its id. Data: reason, when one was given.</summary>
    public const string IssueReopened = "issue_reopened";

    /// <summary>Issues that were resolved some time ago leave the queue; their events stay. Data: before.</summary>
    public const string IssuesCleaned = "issues_cleaned";

    /// <summary>A store's health was measured. Subject: the moment before which measurements leave the trend. Data: a <see cref="Model.StoreHealth"/>.</summary>
    public const string HealthChecked = "health_checked";

    /// <summary>A store's health was asked for and nothing could be read of it: no part of the trend. Data: a <see cref="Model.StoreHealth"/>.</summary>
    public const string HealthUnknown = "health_unknown";

    /// <summary>A scan ended. Data: the complete <see cref="Model.ScanReport"/>.</summary>
    public const string ScanFinished = "scan_finished";

    /// <summary>A plan was made. Data: its header (everything but the operations) and counts.</summary>
    public const string PlanCreated = "plan_created";

    /// <summary>One operation of a plan. Subject: its number. Data: number, type, subject, risk, needs_review, issue_id. Sensitive: the whole operation.</summary>
    public const string PlanOperation = "plan_operation";

    /// <summary>A plan was imported. Data: its header.</summary>
    public const string PlanImported = "plan_imported";

    /// <summary>A change by hand that an import accepted. Subject: what was changed, one sentence.</summary>
    public const string PlanChangeAccepted = "plan_change_accepted";

    /// <summary>An execution began. Data: a <see cref="Model.RepairExecution"/>.</summary>
    public const string ExecutionStarted = "execution_started";

    /// <summary>An interrupted execution goes on.</summary>
    public const string ExecutionResumed = "execution_resumed";

    /// <summary>The state before the repair is on disk. Data: a <see cref="Stores.BackupRecord"/>.</summary>
    public const string BackupSaved = "backup_saved";

    /// <summary>A new file stands, for stores that are never changed in place. Data: a <see cref="Stores.WrittenFile"/>.</summary>
    public const string FileWritten = "file_written";

    /// <summary>Intent: an operation is about to be applied. Subject: its number. Data: number, type, subject. Sensitive: precondition and old value.</summary>
    public const string OperationStarted = "operation_started";

    /// <summary>An operation has an outcome. Subject: its number. Data: number, type, subject, risk, outcome, duration_ms. Sensitive: the whole <see cref="Model.RepairResult"/>.</summary>
    public const string OperationFinished = "operation_finished";

    /// <summary>An execution ended or stopped. Data: the <see cref="Model.RepairExecution"/>.</summary>
    public const string ExecutionFinished = "execution_finished";

    /// <summary>A lease was taken or renewed. Data: a <see cref="Stores.Lease"/>.</summary>
    public const string LeaseAcquired = "lease_acquired";

    /// <summary>A lease was given back. Data: a <see cref="Stores.Lease"/>.</summary>
    public const string LeaseReleased = "lease_released";

    /// <summary>A store was backed up. Subject: the backup's id. Data: its manifest's path, files and counts.</summary>
    public const string StoreBackedUp = "store_backed_up";

    /// <summary>An expired backup is about to be removed. Subject: its id.</summary>
    public const string BackupRemoved = "backup_removed";

    /// <summary>Maintenance of a store begins. Without a <see cref="StoreOptimized"/> behind it, it was cut off; each of its steps is whole by itself.</summary>
    public const string OptimizeStarted = "optimize_started";

    /// <summary>A store was maintained. Data: a <see cref="Model.MaintenanceReport"/>.</summary>
    public const string StoreOptimized = "store_optimized";

    /// <summary>A backup was tested. Subject: its id. Data: a <see cref="Model.BackupVerification"/>.</summary>
    public const string BackupTested = "backup_tested";

    /// <summary>What a restore replaced was saved. Subject: the id of the backup that holds it.</summary>
    public const string BackupSetAside = "backup_set_aside";

    /// <summary>What is left of a damaged database was written to a new one. Subject: the new file. Data: a <see cref="Sqlite.Salvage.SalvageReport"/>.</summary>
    public const string DatabaseSalvaged = "database_salvaged";

    /// <summary>A backup is about to be restored. Subject: its id. Store: the one that it is restored into. Plan: what is to be done. Data: a <see cref="Model.RestoreReport"/> of that.</summary>
    public const string RestorePlanned = "restore_planned";

    /// <summary>A backup was restored. Subject: its id. Store: the one that it was restored into. Data: a <see cref="Model.RestoreReport"/>.</summary>
    public const string StoreRestored = "store_restored";
}
