# A SQLite database with events of Healarr's form, made and changed by the SQLite that the module brings along.
function Invoke-Sql([string] $Database, [string] $Sql) {
    $context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object Name -eq 'IntegrityTools'
    $context.LoadFromAssemblyName('IntegrityTools').GetType('IntegrityTools.Sqlite.SqliteRuntime')::Initialize()
    $type = $context.LoadFromAssemblyName('Microsoft.Data.Sqlite').GetType('Microsoft.Data.Sqlite.SqliteConnection')
    $connection = [Activator]::CreateInstance($type, "Data Source=$Database;Pooling=False")
    try {
        $connection.Open()
        $command = $connection.CreateCommand()
        $command.CommandText = $Sql
        $null = $command.ExecuteNonQuery()
    }
    finally {
        $connection.Dispose()
    }
}

function New-EventDatabase([string] $Path) {
    Invoke-Sql $Path @"
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, aggregate_type TEXT NOT NULL, aggregate_id TEXT NOT NULL, event_type TEXT NOT NULL,
  event_data JSON NOT NULL, event_version INTEGER NOT NULL DEFAULT 1, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, user_id TEXT);
CREATE INDEX idx_aggregate ON events(aggregate_type, aggregate_id);
CREATE VIEW corruption_status AS SELECT DISTINCT aggregate_id AS corruption_id FROM events;
INSERT INTO events(aggregate_type, aggregate_id, event_type, event_data) VALUES
  ('corruption', 'a', 'CorruptionDetected', '{"file_path":"/tv/a.mkv"}'), ('corruption', 'a', 'SearchFailed', '{"error":"none"}'),
  ('corruption', 'b', 'CorruptionDetected', '{}');
"@
    $Path
}
