using IntegrityTools.Bench;

if (args is [SqliteWriters.Verb, var written])
{
    SqliteWriters.Commit(written);
    return 0;
}

BenchOptions options;
try
{
    options = BenchOptions.Parse(args);
}
catch (FormatException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    await Console.Error.WriteLineAsync(BenchOptions.Usage);
    return 2;
}

var scratch = Directory.CreateTempSubdirectory("integrity-bench-").FullName;
try
{
    using var server = await CouchServer.OpenAsync(options.CouchDb);
    var machine = await Machine.DescribeAsync(server);
    var scans = new ScanScenario(server, scratch, options);
    var backups = new BackupScenario(server, scratch, options);
    (string Name, bool NeedsIntegrity, Func<Task<ScenarioResult>> Run)[] scenarios =
    [
        ("scan", false, scans.CompareAsync),
        ("memory", true, scans.MemoryAsync),
        ("incremental", true, new IncrementalScenario(server, scratch, options).CompareAsync),
        ("lanes", false, new LanesScenario(server, scratch, options).CompareAsync),
        ("repair", false, new RepairScenario(server, scratch, options).CompareAsync),
        ("salvage", false, new SalvageScenario(server, scratch, options).CompareAsync),
        ("backup", false, backups.BackUpAsync),
        ("restore", false, backups.RestoreAsync),
        ("attachments", false, new AttachmentScenario(server, scratch, options).CompareAsync),
        ("sqlite-backup", false, backups.SqliteAsync),
        ("validation", false, new ValidationScenario(server, scratch, options).CompareAsync),
        ("startup", true, new StartupScenario(server, scratch, options).CompareAsync),
        ("summary", true, new SummaryScenario(server, scratch, options).CompareAsync),
        ("sqlite-scan", true, new SqliteScanScenario(server, scratch, options).CompareAsync),
    ];
    var failed = false;
    foreach (var scenario in scenarios.Where(scenario => options.Wants(scenario.Name) && !(options.PeersOnly && scenario.NeedsIntegrity)))
    {
        await Console.Error.WriteLineAsync(scenario.Name);
        var result = await scenario.Run();
        ResultWriter.Write(result, machine, scratch, save: !options.PeersOnly);
        failed |= result.Verdicts.Any(verdict => !verdict.Passed);
    }

    return failed ? 1 : 0;
}
finally
{
    Directory.Delete(scratch, recursive: true);
}
