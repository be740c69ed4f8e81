using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Cli.Output;

/// <summary>What a salvage found, table by table.</summary>
internal static class SalvageOutput
{
    public static void Write(Terminal terminal, SalvageReport report, OutputFormat format)
    {
        if (format == OutputFormat.Json)
        {
            JsonOutput.Document(terminal, writer => WriteDocument(writer, report));
            return;
        }

        TextTable.Write(
            terminal,
            ["Rows", "Damaged", "Uncertain", "Pages lost", "Table"],
            report.Tables.Select(table => new[] { Counted.Number(table.Rows), Counted.Number(table.DamagedRows), Counted.Number(table.UncertainRows), Counted.Number(table.PagesLost), table.Name }));
        (string Table, long Rows, string What)[] apart =
        [
            ("lost_and_found", report.UnplacedRows, "whose table is not known"),
            ("index_entries", report.IndexEntries, "that look like entries of an index: the rows that they lead to are found"),
            ("uncertain_rows", report.UncertainRows, "that may have been deleted, or whose key another row has"),
            ("damaged_rows", report.DamagedRows, "whose bytes contradict each other"),
            ("deleted_rows", report.DeletedRows, "that had been deleted"),
        ];
        foreach (var (table, rows, what) in apart.Where(one => one.Rows > 0))
        {
            terminal.Note($"{table}: {Counted.Of(rows, "row")} {what}.");
        }

        foreach (var note in report.Notes)
        {
            terminal.Note(note);
        }

        terminal.Note($"{report.Destination} holds {Counted.Of(report.Rows, "row")}; {report.Source} is as it was.");
    }

    private static void WriteDocument(Utf8JsonWriter writer, SalvageReport report)
    {
        writer.WriteStartObject();
        writer.WriteString("source", report.Source);
        writer.WriteString("destination", report.Destination);
        writer.WriteNumber("page_size", report.PageSize);
        writer.WriteNumber("pages", report.Pages);
        writer.WriteString("encoding", Codes.Of(report.Encoding));
        writer.WriteNumber("rows", report.Rows);
        writer.WriteNumber("damaged_rows", report.DamagedRows);
        writer.WriteNumber("uncertain_rows", report.UncertainRows);
        writer.WriteNumber("unplaced_rows", report.UnplacedRows);
        writer.WriteNumber("index_entries", report.IndexEntries);
        writer.WriteNumber("deleted_rows", report.DeletedRows);
        writer.WriteNumber("pages_lost", report.PagesLost);
        writer.WriteStartArray("tables");
        foreach (var table in report.Tables)
        {
            writer.WriteStartObject();
            writer.WriteString("name", table.Name);
            writer.WriteNumber("rows", table.Rows);
            writer.WriteNumber("damaged_rows", table.DamagedRows);
            writer.WriteNumber("uncertain_rows", table.UncertainRows);
            writer.WriteNumber("pages_lost", table.PagesLost);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("notes");
        foreach (var note in report.Notes)
        {
            writer.WriteStringValue(note);
        }

        writer.WriteEndArray();
        writer.WriteNumber("duration_ms", report.DurationMs);
        writer.WriteEndObject();
    }
}
