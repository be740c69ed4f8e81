namespace IntegrityTools.Model;

/// <summary>The stable ids of errors: PowerShell's FullyQualifiedErrorId begins with one, and the command line prints it.</summary>
public static class ErrorIds
{
    /// <summary>An unknown issue type or group.</summary>
    public const string UnknownIssueType = "UnknownIssueType";

    /// <summary>No configured store and no address matches.</summary>
    public const string UnknownStore = "UnknownStore";

    /// <summary>An address that does not follow its kind's form.</summary>
    public const string InvalidAddress = "InvalidAddress";

    /// <summary>An address holds a password.</summary>
    public const string PasswordInAddress = "PasswordInAddress";

    /// <summary>The server refused the name or the password, wants one, or has locked the name out: nothing more is asked with it.</summary>
    public const string LoginRefused = "LoginRefused";

    /// <summary>The name, or whoever runs this, may not do that.</summary>
    public const string AccessDenied = "AccessDenied";

    /// <summary>The database, file or folder does not exist.</summary>
    public const string StoreNotFound = "StoreNotFound";

    /// <summary>The server cannot be reached, or stopped answering.</summary>
    public const string StoreUnavailable = "StoreUnavailable";

    /// <summary>What answered is not what the address promises.</summary>
    public const string UnexpectedAnswer = "UnexpectedAnswer";

    /// <summary>A file is damaged, cut or not of the format it should be.</summary>
    public const string DamagedFile = "DamagedFile";

    /// <summary>integrity.yaml has an error.</summary>
    public const string InvalidConfiguration = "InvalidConfiguration";

    /// <summary>The ledger cannot be opened, or belongs to a newer version.</summary>
    public const string LedgerUnavailable = "LedgerUnavailable";

    /// <summary>No scan, plan, execution or report has that id.</summary>
    public const string NotFound = "NotFound";

    /// <summary>The database has none of what was to be looked at, and none was named.</summary>
    public const string NotInstalled = "NotInstalled";

    /// <summary>A plan's digest does not match its content.</summary>
    public const string PlanChanged = "PlanChanged";

    /// <summary>Another executor holds the lease.</summary>
    public const string LeaseHeld = "LeaseHeld";

    /// <summary>The state before a repair could not be saved: nothing was repaired.</summary>
    public const string BackupFailed = "BackupFailed";

    /// <summary>The server takes no request, or no document, as large as this.</summary>
    public const string TooLarge = "TooLarge";

    /// <summary>An operation failed.</summary>
    public const string OperationFailed = "OperationFailed";

    /// <summary>The execution cannot be resumed or undone in its present state.</summary>
    public const string InvalidState = "InvalidState";

    /// <summary>An argument's value is wrong.</summary>
    public const string InvalidArgument = "InvalidArgument";

    /// <summary>A document breaks a configured rule, or the server refuses it: it was not written.</summary>
    public const string DocumentRefused = "DocumentRefused";

    /// <summary>Somebody else has written a document meanwhile, and no rule decides between the edits: it was not written.</summary>
    public const string DocumentConflict = "DocumentConflict";

    /// <summary>The store fails its integrity check.</summary>
    public const string CheckFailed = "CheckFailed";
}
