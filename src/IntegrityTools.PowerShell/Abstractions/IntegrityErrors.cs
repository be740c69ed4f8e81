using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>Turns the engine's failures into error records: the id, the category, the target and the next step.</summary>
internal static class IntegrityErrors
{
    /// <summary>The error record of a failure.</summary>
    public static ErrorRecord ToErrorRecord(this IntegrityException failure) =>
        new(failure, failure.ErrorId, CategoryOf(failure.ErrorId), failure.Target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.NextStep ?? string.Empty },
        };

    /// <summary>True for failures that would be the same for every further object in the pipeline.</summary>
    public static bool EndsAnyPipeline(this IntegrityException failure) => failure.ErrorId
        is ErrorIds.InvalidConfiguration or ErrorIds.LedgerUnavailable or ErrorIds.UnknownIssueType or ErrorIds.InvalidArgument;

    private static ErrorCategory CategoryOf(string errorId) => errorId switch
    {
        ErrorIds.UnknownStore or ErrorIds.StoreNotFound or ErrorIds.NotFound => ErrorCategory.ObjectNotFound,
        ErrorIds.UnknownIssueType or ErrorIds.InvalidAddress or ErrorIds.InvalidArgument => ErrorCategory.InvalidArgument,
        ErrorIds.PasswordInAddress => ErrorCategory.SecurityError,
        ErrorIds.LoginRefused => ErrorCategory.AuthenticationError,
        ErrorIds.AccessDenied => ErrorCategory.PermissionDenied,
        ErrorIds.StoreUnavailable => ErrorCategory.ConnectionError,
        ErrorIds.UnexpectedAnswer => ErrorCategory.ProtocolError,
        ErrorIds.DamagedFile or ErrorIds.PlanChanged or ErrorIds.CheckFailed or ErrorIds.DocumentRefused => ErrorCategory.InvalidData,
        ErrorIds.InvalidConfiguration => ErrorCategory.ParserError,
        ErrorIds.LedgerUnavailable => ErrorCategory.ResourceUnavailable,
        ErrorIds.LeaseHeld or ErrorIds.DocumentConflict => ErrorCategory.ResourceBusy,
        ErrorIds.BackupFailed => ErrorCategory.WriteError,
        ErrorIds.TooLarge => ErrorCategory.LimitsExceeded,
        ErrorIds.OperationFailed => ErrorCategory.OperationStopped,
        ErrorIds.InvalidState => ErrorCategory.InvalidOperation,
        _ => ErrorCategory.NotSpecified,
    };
}
