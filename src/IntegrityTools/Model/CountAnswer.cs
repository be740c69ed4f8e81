namespace IntegrityTools.Model;

/// <summary>One answer to a question that was asked in several ways.</summary>
/// <param name="Source">What was asked, such as <c>doc_count</c> or <c>_design/v/_view/all total_rows</c>.</param>
/// <param name="Count">What it answered.</param>
public sealed record CountAnswer(string Source, long Count);
