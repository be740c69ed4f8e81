using IntegrityTools.Model;

namespace IntegrityTools.Stores;

/// <summary>What a process brings along that wants to take part in a shared scan.</summary>
/// <param name="Name">The scan's name: ASCII letters, digits, - and _.</param>
/// <param name="Scope">What it is asked to look for; all that take part have to be asked the same.</param>
/// <param name="Ledger">What tells its ledger from others, without naming it.</param>
public sealed record ShareRequest(string Name, ScanScope Scope, string Ledger);
