using System.Diagnostics;

namespace IntegrityTools.Tests.Engines;

/// <summary>Runs npm's couchrestore on a dump.</summary>
internal static class CouchRestore
{
    /// <summary>The folder of node modules that has it, or the test is skipped.</summary>
    public static string Require()
    {
        var modules = NodeModules.Find("@cloudant/couchbackup", "COUCH_PEERS", "/opt/couch-peers");
        Skip.If(modules is null, "couchrestore: @cloudant/couchbackup was not found (COUCH_PEERS, npm's global folder)");
        return modules!;
    }

    /// <summary>Restores a dump into an empty database; fails with what couchrestore said.</summary>
    public static async Task RunAsync(string modules, CouchDbServer server, string database, Stream dump)
    {
        var address = new UriBuilder(server.Address) { UserName = server.Credential!.UserName, Password = server.Credential.Password };
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(modules, "@cloudant", "couchbackup", "bin", "couchrestore.bin.js"));
        start.Environment["COUCH_URL"] = address.Uri.ToString();
        start.Environment["COUCH_DATABASE"] = database;
        using var process = Process.Start(start)!;
        var told = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        await using (dump)
        {
            await dump.CopyToAsync(process.StandardInput.BaseStream);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await told);
    }
}
