namespace IntegrityTools.Cli.Output;

/// <summary>How data is written.</summary>
internal enum OutputFormat
{
    Table,
    Text,
    Json,
    Jsonl,
    Csv,
}
