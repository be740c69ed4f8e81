using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Which operations of a plan a run applies, and what is told of the others.</summary>
internal sealed record OperationSelection(IReadOnlyList<RepairOperation> ToRun, IReadOnlyList<RepairResult> Passed)
{
    /// <summary>Sorts out what needs a person, what is above the bound and what the user declines.</summary>
    public static OperationSelection Of(RepairPlan plan, RepairOptions options, string executionId)
    {
        var toRun = new List<RepairOperation>(plan.Operations.Count);
        var passed = new List<RepairResult>();
        foreach (var operation in plan.Operations)
        {
            if (operation.NeedsReview || operation.Action is null)
            {
                passed.Add(Pass(operation, OperationOutcome.NeedsReview, operation.Reason));
            }
            else if (operation.Risk > options.MaximumRisk)
            {
                passed.Add(Pass(operation, OperationOutcome.NeedsReview, $"Its risk is {Codes.Of(operation.Risk)}, above the bound of this run."));
            }
            else if (options.Approve is not null && !options.Approve(operation))
            {
                passed.Add(Pass(operation, OperationOutcome.Declined, "Declined."));
            }
            else
            {
                toRun.Add(operation);
            }
        }

        return new OperationSelection(toRun, passed);

        RepairResult Pass(RepairOperation operation, OperationOutcome outcome, string message) => new()
        {
            ExecutionId = executionId,
            Number = operation.Number,
            Type = operation.Type,
            Subject = operation.Subject,
            Risk = operation.Risk,
            Outcome = outcome,
            Message = message,
            Changes = operation.Changes,
        };
    }
}
