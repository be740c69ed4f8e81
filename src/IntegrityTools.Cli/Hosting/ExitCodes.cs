using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int IssuesFound = 3;
    public const int Refused = 4;
    public const int Cancelled = 130;

    /// <summary>For the help of every verb.</summary>
    public const string Help =
        """
        Exit codes:
          0    done; nothing at or above --fail-on
          1    failed
          2    usage: a wrong option, name, address or configuration
          3    issues at or above --fail-on; done, but for what cannot be read of a dump
          4    refused: another holds the lease, a plan was changed, a policy forbids
               it; or something had been changed meanwhile and was left alone
          130  cancelled
        """;

    /// <summary>The code that belongs to a failure.</summary>
    public static int Of(IntegrityException failure) => failure.ErrorId switch
    {
        ErrorIds.UnknownIssueType or ErrorIds.UnknownStore or ErrorIds.InvalidAddress or ErrorIds.PasswordInAddress
            or ErrorIds.InvalidConfiguration or ErrorIds.InvalidArgument or ErrorIds.NotInstalled => Usage,
        ErrorIds.PlanChanged or ErrorIds.LeaseHeld or ErrorIds.InvalidState or ErrorIds.CheckFailed => Refused,
        _ => Failed,
    };
}
