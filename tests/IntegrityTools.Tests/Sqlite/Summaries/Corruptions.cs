using System.Globalization;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Tests.Sqlite.Summaries;

/// <summary>A database of Healarr's form: its events, the paths that they name, and the view that its summary replaces.</summary>
internal static class Corruptions
{
    public const string Summary = "SELECT corruption_id, current_state, retry_count, file_path, path_id, last_error, corruption_type, detected_at, last_updated_at FROM corruption_summary ORDER BY 1";

    public const string Schema = """
        CREATE TABLE scan_paths (id INTEGER PRIMARY KEY, local_path TEXT NOT NULL);
        INSERT INTO scan_paths VALUES (1, '/tv'), (2, '/films');
        CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL,
          event_data JSON NOT NULL, event_version INTEGER NOT NULL DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, user_id TEXT);
        CREATE INDEX idx_aggregate ON events(aggregate_type, aggregate_id);
        CREATE INDEX idx_event_type ON events(event_type);
        CREATE VIEW corruption_status AS SELECT aggregate_id AS corruption_id,
          (SELECT event_type FROM events AS n WHERE n.aggregate_id = e.aggregate_id ORDER BY id DESC LIMIT 1) AS current_state,
          (SELECT count(*) FROM events AS n WHERE n.aggregate_id = e.aggregate_id AND n.event_type LIKE '%Failed') AS retry_count,
          (SELECT CASE WHEN json_valid(event_data) THEN json_extract(event_data, '$.file_path') END FROM events AS n
            WHERE n.aggregate_id = e.aggregate_id AND n.event_type = 'CorruptionDetected') AS file_path
          FROM events AS e WHERE aggregate_type = 'corruption' GROUP BY aggregate_id;
        CREATE VIEW dashboard AS SELECT count(*) AS open FROM corruption_status WHERE current_state <> 'VerificationSuccess';
        """;

    /// <summary>The table and the trigger as the project proposed them, with their faults.</summary>
    public const string Proposed = """
        CREATE TABLE corruption_summary (corruption_id TEXT PRIMARY KEY, current_state TEXT NOT NULL, retry_count INTEGER DEFAULT 0, file_path TEXT, path_id INTEGER,
          last_error TEXT, corruption_type TEXT, detected_at TIMESTAMP, last_updated_at TIMESTAMP, FOREIGN KEY (path_id) REFERENCES scan_paths(id));
        CREATE INDEX idx_corruption_summary_state ON corruption_summary(current_state);
        CREATE TRIGGER update_corruption_summary AFTER INSERT ON events WHEN NEW.aggregate_type = 'corruption'
        BEGIN
          INSERT OR REPLACE INTO corruption_summary
          SELECT NEW.aggregate_id, NEW.event_type,
            (SELECT count(*) FROM events WHERE aggregate_id = NEW.aggregate_id AND event_type LIKE '%Failed'),
            coalesce(json_extract(NEW.event_data, '$.file_path'), (SELECT file_path FROM corruption_summary WHERE corruption_id = NEW.aggregate_id)),
            coalesce(json_extract(NEW.event_data, '$.path_id'), (SELECT path_id FROM corruption_summary WHERE corruption_id = NEW.aggregate_id)),
            json_extract(NEW.event_data, '$.error'),
            (SELECT json_extract(event_data, '$.corruption_type') FROM events WHERE aggregate_id = NEW.aggregate_id AND event_type = 'CorruptionDetected' LIMIT 1),
            coalesce((SELECT detected_at FROM corruption_summary WHERE corruption_id = NEW.aggregate_id), NEW.created_at), NEW.created_at;
        END;
        """;

    public static readonly string[] Retries = ["DeletionFailed", "SearchFailed", "VerificationFailed", "DownloadFailed", "DownloadTimeout"];

    private static readonly string[] Kinds =
        ["CorruptionDetected", "RemediationQueued", "DeletionFailed", "SearchFailed", "SearchCompleted", "DownloadTimeout", "NotificationSent", "NotificationFailed", "HealthCheckFailed", "VerificationSuccess"];

    private static readonly string?[] Datas =
    [
        """{"file_path":"/tv/a.mkv","path_id":1,"corruption_type":"Video","error":"e1"}""", """{"error":"e2"}""", "{}", "no JSON", """{"path_id":"2"}""",
        """{"file_path":null,"error":{"code":7}}""", """{"file_path":"/tv/repacked.mkv"}""", "[]", string.Empty,
    ];

    // Formats that sort otherwise than they were written.
    private static readonly string[] Times = ["2026-01-05 01:18:00", "2026-01-05T02:26:59Z", "1767576000", "2026-1-6"];

    public static void Insert(SqliteConnection connection, string id, string kind, object? data, string? at = "2026-01-05 01:18:00", string type = "corruption", long? number = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO events(id, aggregate_type, aggregate_id, event_type, event_data, created_at) VALUES ($number, $type, $id, $kind, $data, $at)";
        command.Parameters.AddWithValue("$number", (object?)number ?? DBNull.Value);
        command.Parameters.AddWithValue("$type", type);
        command.Parameters.AddWithValue("$id", id);
        command.Parameters.AddWithValue("$kind", kind);
        command.Parameters.AddWithValue("$data", data ?? DBNull.Value);
        command.Parameters.AddWithValue("$at", (object?)at ?? DBNull.Value);
        command.ExecuteNonQuery();
    }

    /// <summary>Events of every kind and form, in order.</summary>
    public static void InsertRandom(string path, Random random, int count)
    {
        using var connection = Databases.Open(path);
        for (var number = 0; number < count; number++)
        {
            object? data = Datas[random.Next(Datas.Length)];
            Insert(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"c'{random.Next(7)}"),
                Kinds[random.Next(Kinds.Length)],
                random.Next(4) == 0 && data is string text ? System.Text.Encoding.UTF8.GetBytes(text) : data,
                Times[random.Next(Times.Length)],
                random.Next(6) == 0 ? "system" : "corruption");
        }
    }

    /// <summary>The rows that a query gives, each value as SQL writes it.</summary>
    public static IReadOnlyList<string> Rows(string path, string query)
    {
        using var connection = Databases.Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(column =>
                reader.IsDBNull(column) ? "NULL" : Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture))));
        }

        return rows;
    }
}
