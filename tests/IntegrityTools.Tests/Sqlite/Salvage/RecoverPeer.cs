using System.Diagnostics;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>The sqlite3 shell's .recover, where a shell built with dbpage is named by SQLITE3_DBPAGE.</summary>
internal static class RecoverPeer
{
    public static string? Shell => Environment.GetEnvironmentVariable("SQLITE3_DBPAGE") is { Length: > 0 } path && File.Exists(path) ? path : null;

    /// <summary>Recovers a damaged file into a new one, as its manual says: the SQL of one shell into another.</summary>
    public static void Recover(string damaged, string destination)
    {
        var sql = Run(damaged, ".recover\n");
        Run(destination, sql);
    }

    private static string Run(string database, string input)
    {
        using var shell = Process.Start(new ProcessStartInfo(Shell!, [database])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = shell.StandardOutput.ReadToEndAsync();
        var errors = shell.StandardError.ReadToEndAsync();
        shell.StandardInput.Write(input);
        shell.StandardInput.Close();
        shell.WaitForExit();
        errors.GetAwaiter().GetResult();
        return output.GetAwaiter().GetResult();
    }
}
