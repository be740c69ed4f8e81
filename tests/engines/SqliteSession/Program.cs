// Holds a SQLite database open as an application does: runs the statement of each line that it is sent and answers it. Killed by tests.
using IntegrityTools.Sqlite;
using Microsoft.Data.Sqlite;

SqliteRuntime.Initialize();
using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = args[0], Pooling = false, ForeignKeys = false, DefaultTimeout = 5 }.ToString());
connection.Open();
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
