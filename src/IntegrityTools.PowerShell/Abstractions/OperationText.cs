using System.Text;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>An operation in words, for the question whether to apply it.</summary>
internal static class OperationText
{
    // A question must fit a screen; the plan has the rest.
    private const int MaximumChanges = 12;

    /// <summary>What is done, in one line.</summary>
    public static string Describe(RepairOperation operation) =>
        $"{operation.Number}: {operation.Type} of '{operation.Subject}', {Codes.Of(operation.Risk)} risk. {operation.Reason}";

    /// <summary>What is done, with the fields that change.</summary>
    public static string Ask(RepairOperation operation)
    {
        var text = new StringBuilder(Describe(operation));
        foreach (var change in operation.Changes.Take(MaximumChanges))
        {
            text.Append("\n  ").Append(change.Path).Append(": ").Append(change.Old ?? "(absent)").Append(" → ").Append(change.New ?? "(absent)");
        }

        if (operation.Changes.Count > MaximumChanges)
        {
            text.Append("\n  … and ").Append(operation.Changes.Count - MaximumChanges).Append(" more fields");
        }

        foreach (var edit in operation.Discarded.Take(MaximumChanges))
        {
            text.Append("\n  discards ").Append(edit.Path).Append(": ").Append(edit.Value ?? "(removed)").Append(" of ").Append(edit.Revision);
        }

        if (operation.Discarded.Count > MaximumChanges)
        {
            text.Append("\n  … and ").Append(operation.Discarded.Count - MaximumChanges).Append(" more edits");
        }

        return text.Append("\nApply it?").ToString();
    }
}
