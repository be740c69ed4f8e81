// Commits pairs of rows to a SQLite database until its standard input ends, pausing as told (ms) between them; prints its commits and its failures.
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

SqliteRuntime.Initialize();
using var connection = new SqliteConnection($"Data Source={args[0]};Pooling=False;Default Timeout=30");
connection.Open();
using var insert = connection.CreateCommand();
insert.CommandText = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = OFF";
insert.ExecuteNonQuery();
insert.CommandText = "INSERT INTO pair(writer, serial, side) VALUES($writer, $serial, 0), ($writer, $serial, 1)";
insert.Parameters.AddWithValue("$writer", args[1]);
var pause = int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture);
var serial = insert.Parameters.AddWithValue("$serial", 0);
var stop = Task.Run(() => Console.In.ReadToEnd());
var (commits, failures) = (0, 0);
while (!stop.IsCompleted)
{
    serial.Value = commits;
    try
    {
        insert.ExecuteNonQuery();
        commits++;
        Thread.Sleep(pause);
    }
    catch (SqliteException)
    {
        failures++;
    }
}

Console.WriteLine($"{commits} {failures}");
return 0;
