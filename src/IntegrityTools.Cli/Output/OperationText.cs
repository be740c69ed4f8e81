using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>One operation for a person: what, why, which fields change, which edits are not kept, what is undecided.</summary>
internal static class OperationText
{
    private const int Usual = 100;

    /// <summary>Writes it.</summary>
    public static void Write(Terminal terminal, RepairOperation operation)
    {
        var who = operation.NeedsReview ? terminal.Paint("a person decides", Tone.Warning) : Risks(terminal, operation.Risk);
        Head(terminal, operation.Number, operation.Subject, $"{operation.Type}, {who}");
        Indented(terminal, operation.Reason, Tone.Faint);
        FieldChanges.Write(terminal, operation.Changes);
        WriteDiscarded(terminal, operation.Discarded);
        if (operation.UndecidedFields.Count > 0)
        {
            Indented(terminal, $"undecided: {string.Join(", ", operation.UndecidedFields)}", Tone.Warning);
        }

        foreach (var choice in operation.Choices)
        {
            var changed = choice.ChangedSinceAncestor ?? choice.ChangedFields;
            var time = choice.Timestamp is { } moment ? $", {Durations.Of(moment)}" : string.Empty;
            Indented(
                terminal,
                $"choice: {choice.Revision}{(choice.Deleted ? " (deleted)" : string.Empty)}{time}"
                + (choice.Changes is null && changed.Count > 0 ? $", changed {string.Join(", ", changed)}" : string.Empty),
                Tone.Plain);
            FieldChanges.Write(terminal, choice.Changes ?? []);
        }
    }

    /// <summary>The edits that are not kept.</summary>
    public static void WriteDiscarded(Terminal terminal, IReadOnlyList<DiscardedEdit> edits)
    {
        foreach (var discarded in edits)
        {
            var edit = $"{discarded.Path} = {discarded.Value ?? "(removed)"}";
            Indented(terminal, $"not kept: {edit} of {Short(discarded.Revision)}; {discarded.Why}", Tone.Bad);
        }
    }

    /// <summary>The line that names an operation.</summary>
    public static void Head(Terminal terminal, int number, string subject, string rest) =>
        terminal.Write($"{terminal.Paint($"#{number}", Tone.Faint)} {terminal.Paint(TerminalText.Clean(subject), Tone.Name)}  {rest}");

    /// <summary>A risk in its colour.</summary>
    public static string Risks(Terminal terminal, Risk risk) => terminal.Paint(
        $"{Codes.Of(risk)} risk", risk switch { Risk.High => Tone.Bad, Risk.Medium => Tone.Warning, _ => Tone.Good });

    /// <summary>Text below that line, wrapped to the window.</summary>
    public static void Indented(Terminal terminal, string text, Tone tone)
    {
        const int indent = 4;
        foreach (var line in TerminalText.Wrap(TerminalText.Clean(text), (terminal.Width ?? Usual) - indent))
        {
            terminal.Write(new string(' ', indent) + terminal.Paint(line, tone));
        }
    }

    private static string Short(string revision) => revision.Length > 12 ? revision[..12] + "…" : revision;
}
