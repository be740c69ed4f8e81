using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>The museum of damage in tests/data/corruption: files that stay as they are, whatever SQLite the tests run with.</summary>
internal static class Corpus
{
    private const string Wal = "-wal";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Folder => Path.Combine(Repository.Root, "tests", "data", "corruption");

    private static string Manifest => Path.Combine(Folder, "corpus.jsonl");

    /// <summary>Its files.</summary>
    public static IReadOnlyList<CorpusCase> Cases { get; } = File.Exists(Manifest)
        ? [.. File.ReadLines(Manifest).Select(line => JsonSerializer.Deserialize<CorpusCase>(line, Json)!)]
        : [];

    /// <summary>Reads a database.</summary>
    public static byte[] Read(string name)
    {
        using var packed = new GZipStream(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Puts a damaged file where a salvage reads it, with the log beside it; returns its bytes.</summary>
    public static byte[] Lay(CorpusCase damage, string path)
    {
        var bytes = Read(damage.File);
        File.WriteAllBytes(path, bytes);
        if (damage.HasLog)
        {
            File.WriteAllBytes(path + Wal, Read(damage.File + Wal));
        }

        return bytes;
    }

    /// <summary>Makes all of it anew.</summary>
    public static void Make()
    {
        if (Directory.Exists(Folder))
        {
            Directory.GetFiles(Folder).ToList().ForEach(File.Delete);
        }

        Directory.CreateDirectory(Folder);
        using var folder = new SalvageFolder();
        var cases = new List<CorpusCase>();
        foreach (var damages in Damages.All.GroupBy(damage => damage.Options))
        {
            var sample = new Sample(folder, Sample.Make(folder, damages.Key));
            Write(damages.Key.Name, sample.Bytes);
            foreach (var damage in damages)
            {
                var name = string.Concat(damage.Name.Where(letter => letter != ',').Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')) + ".db";
                Write(name, damage.Apply(sample, [.. sample.Bytes]));
                if (damage.Log is not null)
                {
                    Write(name + Wal, damage.Log(sample));
                }

                cases.Add(new CorpusCase(name, damage.Name, damages.Key.Name, sample.Truth.ToDictionary(table => table.Key, table => table.Value.Count))
                {
                    Undecidable = damage.Undecidable,
                    GiveSchema = damage.GiveSchema,
                    Unplaceable = damage.Unplaceable,
                    Silent = damage.Silent,
                    HasLog = damage.Log is not null,
                    Moves = damage.Moves?.Invoke(sample),
                });
            }
        }

        File.WriteAllLines(Manifest, cases.Select(one => JsonSerializer.Serialize(one, Json)));
    }

    private static string PathOf(string name) => Path.Combine(Folder, name + ".gz");

    private static void Write(string name, byte[] bytes)
    {
        using var packed = new GZipStream(File.Create(PathOf(name)), CompressionLevel.SmallestSize);
        packed.Write(bytes);
    }
}
