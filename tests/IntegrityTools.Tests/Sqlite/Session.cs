using System.Diagnostics;

namespace IntegrityTools.Tests.Sqlite;

/// <summary>Another process that has a database open.</summary>
internal sealed class Session : IDisposable
{
    private readonly Process process;

    public Session(string path)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "SqliteSession.dll"));
        start.ArgumentList.Add(path);
        process = Process.Start(start)!;
        Assert.Equal("open", process.StandardOutput.ReadLine());
    }

    /// <summary>The process's number.</summary>
    public int Id => process.Id;

    public string Run(string statement)
    {
        process.StandardInput.WriteLine(statement);
        var answer = process.StandardOutput.ReadLine()!;
        Assert.StartsWith("ok", answer, StringComparison.Ordinal);
        return answer;
    }

    /// <summary>As kill -9 does: nothing is closed, nothing is tidied up.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>As an application ends: its connection is closed, and what its last one tidies up is.</summary>
    public void Close()
    {
        process.StandardInput.Close();
        process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}
