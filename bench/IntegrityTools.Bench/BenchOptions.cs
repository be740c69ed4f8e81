using System.Globalization;

namespace IntegrityTools.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Scenarios">Names of scenarios; "all" stands for each.</param>
/// <param name="Runs">Measured rounds.</param>
/// <param name="CouchDb">A CouchDB's address with credentials, or null.</param>
/// <param name="Large">Also one million documents; a database of 1 GB.</param>
/// <param name="Small">A tenth of the documents, where a scenario would need a million, or attachments of 400 MB.</param>
/// <param name="PeersOnly">Leaves <c>integrity</c> itself out.</param>
internal sealed record BenchOptions(IReadOnlyList<string> Scenarios, int Runs, string? CouchDb, bool Large, bool Small, bool PeersOnly)
{
    /// <summary>How the program is used.</summary>
    public const string Usage =
        "usage: dotnet run -c Release --project bench/IntegrityTools.Bench -- <scan|memory|incremental|lanes|repair|validation|backup|restore|attachments|sqlite-backup|salvage|startup|sqlite-scan|summary|all>… "
        + "[--runs 5] [--couchdb URL] [--large] [--small] [--peers-only]";

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">It cannot be understood; the message says what.</exception>
    public static BenchOptions Parse(IReadOnlyList<string> arguments)
    {
        var scenarios = new List<string>();
        var options = new BenchOptions(scenarios, 5, null, Large: false, Small: false, PeersOnly: false);
        for (var number = 0; number < arguments.Count; number++)
        {
            string Value() => ++number < arguments.Count ? arguments[number] : throw new FormatException($"{arguments[^1]} needs a value.");
            switch (arguments[number])
            {
                case "--runs":
                    options = options with { Runs = int.Parse(Value(), CultureInfo.InvariantCulture) };
                    break;
                case "--couchdb":
                    options = options with { CouchDb = Value() };
                    break;
                case "--large":
                    options = options with { Large = true };
                    break;
                case "--small":
                    options = options with { Small = true };
                    break;
                case "--peers-only":
                    options = options with { PeersOnly = true };
                    break;
                case var name when !name.StartsWith('-'):
                    scenarios.Add(name);
                    break;
                case var unknown:
                    throw new FormatException($"{unknown} is no option.");
            }
        }

        return scenarios.Count > 0 && options.Runs > 0 ? options : throw new FormatException("Name a scenario, and at least one run.");
    }

    /// <summary>True when a scenario is to be run.</summary>
    public bool Wants(string scenario) => Scenarios.Contains(scenario) || Scenarios.Contains("all");
}
