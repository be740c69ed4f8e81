using IntegrityTools.Tests.Sqlite.Salvage;

namespace IntegrityTools.Tests;

/// <summary>Makes data that the tests read: <c>dotnet run --project tests/IntegrityTools.Tests -- corpus</c> makes tests/data/corruption anew.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not ["corpus"])
        {
            Console.Error.WriteLine("dotnet test runs the tests; dotnet run -- corpus makes tests/data/corruption anew.");
            return 2;
        }

        Corpus.Make();
        return 0;
    }
}
