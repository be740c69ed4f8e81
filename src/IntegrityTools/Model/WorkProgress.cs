namespace IntegrityTools.Model;

/// <summary>How far a long piece of work is.</summary>
/// <param name="Activity">What is being done, such as <c>Scanning</c>.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all, when known.</param>
/// <param name="Unit">What is counted: documents, operations, MB.</param>
/// <param name="Found">What has come of it so far, such as issues found or operations applied.</param>
/// <param name="FoundWord">What that is: found, applied, revisions.</param>
public readonly record struct WorkProgress(string Activity, long Done, long? Total, string Unit, long Found, string FoundWord = "found");
