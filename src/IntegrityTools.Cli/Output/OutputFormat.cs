namespace IntegrityTools.Cli.Output;

/// <summary>How data is written.</summary>
internal enum OutputFormat
{
    /// <summary>For people: a table, or text.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON object a line.</summary>
    Jsonl,

    /// <summary>RFC 4180.</summary>
    Csv,
}
