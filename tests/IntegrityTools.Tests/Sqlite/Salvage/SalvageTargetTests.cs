using System.Diagnostics;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Salvage;

namespace IntegrityTools.Tests.Sqlite.Salvage;

/// <summary>Where a salvage may write its new database.</summary>
public sealed class SalvageTargetTests : IDisposable
{
    private readonly SalvageFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [InlineData("path")]
    [InlineData("dots")]
    [InlineData("link")]
    [InlineData("hard link")]
    [InlineData("log")]
    public void A_salvage_that_was_told_to_write_over_the_damaged_file_did_so(string what)
    {
        Skip.If(OperatingSystem.IsWindows() && what.EndsWith("link", StringComparison.Ordinal), "Links need rights there.");
        folder.Execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('x')");
        File.WriteAllBytes(folder.Source + "-wal", []);
        var target = what switch { "path" => folder.Source, "dots" => folder.At("../" + Path.GetFileName(folder.Root) + "/source.db"), "log" => folder.Source + "-wal", _ => folder.At("other.db") };
        if (what == "link")
        {
            File.CreateSymbolicLink(target, folder.Source);
        }
        else if (what == "hard link")
        {
            using var link = Process.Start("ln", [folder.Source, target]);
            link.WaitForExit();
        }

        var before = Databases.Trace(folder.Root);
        var refused = Assert.Throws<IntegrityException>(() => Run(target));

        Assert.Equal(ErrorIds.InvalidArgument, refused.ErrorId);
        Assert.Contains("would take the ", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Databases.Trace(folder.Root));
    }

    [Theory]
    [InlineData("-wal", true)]
    [InlineData("-shm", true)]
    [InlineData("-journal", true)]
    [InlineData("-journal", false)]
    public void A_new_database_stood_beside_the_log_of_the_one_that_it_replaced_which_then_destroyed_it(string ending, bool replaced)
    {
        folder.Execute("CREATE TABLE t(v)", "INSERT INTO t VALUES('x')");
        if (replaced)
        {
            File.Copy(folder.Source, folder.Destination);
        }

        File.WriteAllBytes(folder.Destination + ending, [1, 2, 3]);
        var before = Databases.Trace(folder.Root);
        var refused = Assert.Throws<IntegrityException>(() => Run(folder.Destination));

        Assert.Equal(ErrorIds.InvalidArgument, refused.ErrorId);
        Assert.Contains($"'{folder.Destination}{ending}'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Databases.Trace(folder.Root));
    }

    private void Run(string target) => Salvager.Run(new SalvageOptions { Path = folder.Source, Destination = target, Overwrite = true }, default);
}
