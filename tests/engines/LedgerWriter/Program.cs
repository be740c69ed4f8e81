// Appends batches to a ledger and prints the last serial of each one that is acknowledged. Killed, crowded or starved by tests.
using System.Globalization;
using IntegrityTools.Ledger;
using IntegrityTools.Model;

var (path, name, batches, size) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
try
{
    await using var ledger = await SqliteLedger.OpenAsync(new LedgerOptions { Path = path, Actor = name });
    var serial = 0;
    for (var batch = 0; batch < batches; batch++)
    {
        var events = new List<LedgerEvent>();
        for (var index = 0; index < size; index++)
        {
            serial++;
            events.Add(new LedgerEvent
            {
                Kind = "test",
                Subject = serial.ToString(CultureInfo.InvariantCulture),
                Sensitive = RawJson.FromText('"' + new string('x', 2000) + '"'),
            });
        }

        await ledger.AppendAsync(events, CancellationToken.None);
        Console.WriteLine(serial);
        Console.Out.Flush();
    }

    return 0;
}
catch (IntegrityException failure)
{
    Console.WriteLine($"{failure.ErrorId}|{failure.Message}|{failure.NextStep}");
    return 1;
}
