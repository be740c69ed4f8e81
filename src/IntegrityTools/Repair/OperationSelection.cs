using IntegrityTools.Model;

namespace IntegrityTools.Repair;

/// <summary>Which operations of a plan a run applies, and what is told of the others.</summary>
internal sealed record OperationSelection(IReadOnlyList<RepairOperation> ToRun, IReadOnlyList<RepairResult> Passed)
{
    /// <summary>Sorts out what needs a person, what is above the bound and what the user declines.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="options">How it is to run.</param>
    /// <param name="executionId">The execution.</param>
    /// <param name="isSettled">True for the numbers that an earlier part of the execution has settled: they are not asked about again.</param>
    /// <param name="groups">Told what is passed: what belongs together with it is passed, too.</param>
    public static OperationSelection Of(RepairPlan plan, RepairOptions options, string executionId, Func<int, bool> isSettled, OperationGroups groups)
    {
        var toRun = new List<RepairOperation>(plan.Operations.Count);
        var passed = new List<RepairResult>();
        foreach (var operation in plan.Operations.Where(operation => !isSettled(operation.Number)))
        {
            if (groups.Stopped(operation) is { } stopped)
            {
                passed.Add(stopped);
            }
            else if (operation.NeedsReview || operation.Action is null)
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

        // Those that stand before the one that stopped their group.
        passed.AddRange(toRun.Select(groups.Stopped).OfType<RepairResult>());
        return new OperationSelection([.. toRun.Where(operation => groups.Stopped(operation) is null)], [.. passed.OrderBy(result => result.Number)]);

        RepairResult Pass(RepairOperation operation, OperationOutcome outcome, string message)
        {
            groups.Note(operation, outcome);
            return RepairResult.Of(executionId, operation, outcome, message);
        }
    }
}
