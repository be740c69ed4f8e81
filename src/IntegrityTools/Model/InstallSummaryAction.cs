namespace IntegrityTools.Model;

/// <summary>Makes a summary's table, indexes and trigger and fills it from the events, all in one transaction. What was in the table before and no event tells any more is kept.</summary>
/// <param name="Definition">The summary.</param>
/// <param name="RedefineView">True to redefine the view over the table.</param>
public sealed record InstallSummaryAction(SummaryDefinition Definition, bool RedefineView) : RepairAction;
