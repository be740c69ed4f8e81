namespace IntegrityTools.Model;

/// <summary>How far a long piece of work is.</summary>
/// <param name="Activity">What is being done, such as <c>Scanning</c>.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all, when known.</param>
/// <param name="Unit">What is counted: documents, operations, MB.</param>
/// <param name="Found">Issues found or operations applied so far.</param>
public readonly record struct WorkProgress(string Activity, long Done, long? Total, string Unit, long Found);
