using System.CommandLine;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Hosting;

/// <summary>The options that say which issues are meant, of a scan made now or before.</summary>
internal sealed class ScanFilters
{
    private readonly Option<string[]> types = Choices.Types();
    private readonly Option<Severity?> minimum = Choices.Code<Severity>("--min-severity", "S", "Nothing below it");
    private readonly Option<string[]> documentTypes = Choices.DocumentTypes();
    private readonly Option<string[]> subjects = Choices.Subjects();

    public IEnumerable<Option> All => [types, minimum, documentTypes, subjects];

    public void AddTo(Command command)
    {
        command.Add(types);
        command.Add(minimum);
        command.Add(documentTypes);
        command.Add(subjects);
    }

    public ScanOptions Read(ParseResult result) => new()
    {
        Types = result.GetValue(types)!,
        MinimumSeverity = result.GetValue(minimum) ?? Severity.Info,
        DocumentTypes = result.GetValue(documentTypes)!,
        Subjects = result.GetValue(subjects)!,
    };
}
