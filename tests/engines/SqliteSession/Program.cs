// Holds a SQLite database open as an application does, in a process of its own that tests kill.
// PATH: runs the statement of each line that it is sent and answers it.
// PATH WRITER PAUSE: commits pairs of rows until its standard input ends, pausing so long (ms) between them; prints its commits and its failures.
using System.Globalization;
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

SqliteRuntime.Initialize();
using var connection = new SqliteConnection(
    new SqliteConnectionStringBuilder { DataSource = args[0], Pooling = false, ForeignKeys = false, DefaultTimeout = args.Length == 1 ? 5 : 30 }.ToString());
connection.Open();
return args.Length == 1 ? Answer() : Write(args[1], int.Parse(args[2], CultureInfo.InvariantCulture));

int Answer()
{
    Console.WriteLine("open");
    while (Console.ReadLine() is { } statement)
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            Console.WriteLine($"ok {command.ExecuteScalar()}");
        }
        catch (SqliteException failure)
        {
            Console.WriteLine($"failed {failure.SqliteErrorCode} {failure.Message}");
        }
    }

    return 0;
}

int Write(string writer, int pause)
{
    using var insert = connection.CreateCommand();
    insert.CommandText = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = OFF";
    insert.ExecuteNonQuery();
    insert.CommandText = "INSERT INTO pair(writer, serial, side) VALUES($writer, $serial, 0), ($writer, $serial, 1)";
    insert.Parameters.AddWithValue("$writer", writer);
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
}
