namespace IntegrityTools.Bench;

/// <summary>What starting costs: <c>integrity version</c>, and importing the module into PowerShell.</summary>
internal sealed class StartupScenario(CouchServer server, string scratch, BenchOptions options)
{
    /// <summary>Measures both; the module only where PowerShell and a built module are.</summary>
    public async Task<ScenarioResult> CompareAsync()
    {
        var contenders = new List<Contender> { Contender.Of("integrity version", IntegrityCli.Publish(server, scratch).Plain("version")) };
        var missing = new List<string>();
        if (Tools.Find("pwsh") is not { } pwsh)
        {
            missing.Add("PowerShell");
        }
        else if (ModuleSession.Module is not { } module)
        {
            missing.Add("the built module (run ./build.ps1 first)");
        }
        else
        {
            contenders.Add(Contender.Of("pwsh, empty", new Command(pwsh, ["-NoProfile", "-Command", "''"])));
            contenders.Add(Contender.Of("pwsh, Import-Module", new Command(pwsh, ["-NoProfile", "-Command", $"Import-Module '{module}'"])));
        }

        var series = await Comparison.RunAsync(contenders, options.Runs).ConfigureAwait(false);
        var verdicts = new List<Verdict> { new("integrity version, wall time", series[0].Wall, 0.25, "s") };
        if (series.Count > 2)
        {
            verdicts.Add(new Verdict("Import-Module over an empty start", series[2].Wall - series[1].Wall, 0.7, "s"));
        }

        return new ScenarioResult("startup", "Whole processes with nothing to do.", series, verdicts, missing);
    }
}
