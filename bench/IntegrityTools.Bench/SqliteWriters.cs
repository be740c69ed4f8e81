using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Bench;

/// <summary>Four processes that commit to one SQLite database as fast as they can, and how long their commits took.</summary>
internal sealed class SqliteWriters : IDisposable
{
    /// <summary>The argument with which this program is one of them.</summary>
    public const string Verb = "--commit-to";

    private const int Writers = 4;
    private readonly List<Process> processes;

    private SqliteWriters(List<Process> processes) => this.processes = processes;

    /// <summary>Starts them; returns when each has committed.</summary>
    public static SqliteWriters Start(string path)
    {
        var started = new SqliteWriters([.. Enumerable.Range(0, Writers).Select(_ => Process.Start(new ProcessStartInfo(
            "dotnet", [typeof(SqliteWriters).Assembly.Location, Verb, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!)]);
        foreach (var process in started.processes)
        {
            process.StandardOutput.ReadLine();
        }

        return started;
    }

    /// <summary>Stops them: the 99th percentile of all commits in milliseconds, and how many failed.</summary>
    public (double P99, long Commits, long Failures) Stop()
    {
        foreach (var process in processes)
        {
            process.StandardInput.Close();
        }

        var times = new List<double>();
        var failures = 0L;
        foreach (var process in processes)
        {
            var words = process.StandardOutput.ReadToEnd().Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
            failures += long.Parse(words[0], CultureInfo.InvariantCulture);
            times.AddRange(words.Skip(1).Select(word => double.Parse(word, CultureInfo.InvariantCulture)));
            process.WaitForExit();
        }

        times.Sort();
        return (times[(int)(times.Count * 0.99)], times.Count, failures);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var process in processes)
        {
            process.Dispose();
        }
    }

    /// <summary>One of the four: commits until its standard input ends; prints its failures and the milliseconds of each commit.</summary>
    public static void Commit(string path)
    {
        SQLitePCL.raw.SetProvider(new SQLitePCL.SQLite3Provider_e_sqlite3());
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 }.ToString());
        connection.Open();
        using var insert = connection.CreateCommand();
        insert.CommandText = "PRAGMA busy_timeout = 60000; PRAGMA synchronous = NORMAL";
        insert.ExecuteNonQuery();
        insert.CommandText = "INSERT INTO event(kind, at, body) VALUES('written', '2026-01-01', hex(randomblob(180)))";
        insert.ExecuteNonQuery();
        Console.WriteLine("committed");
        var stop = Task.Run(() => Console.In.ReadToEnd());
        var failures = 0L;
        var times = new List<double>();
        while (!stop.IsCompleted)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                insert.ExecuteNonQuery();
                times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
            catch (SqliteException)
            {
                failures++;
            }
        }

        Console.Write(failures.ToString(CultureInfo.InvariantCulture));
        foreach (var time in times)
        {
            Console.Write(string.Create(CultureInfo.InvariantCulture, $" {time:F3}"));
        }
    }
}
