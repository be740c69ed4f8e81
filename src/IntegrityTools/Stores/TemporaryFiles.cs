using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace IntegrityTools.Stores;

/// <summary>Names for files that are not whole yet. Each tells whose it is, so that what a killed process left can be removed.</summary>
internal static partial class TemporaryFiles
{
    private static readonly string ThisHost = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ProcessIdentity.Current.Host)))[..12];

    /// <summary>The file under which this process writes what will be <paramref name="path"/>.</summary>
    public static string NameFor(string path) => string.Create(
        CultureInfo.InvariantCulture, $"{path}.{ThisHost}-{ProcessIdentity.Current.Id}-{ProcessIdentity.Current.Start}.tmp");

    /// <summary>Removes the files of this naming, and what SQLite put beside them, that dead processes of this machine left in a folder. All others stay.</summary>
    public static void RemoveAbandoned(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*.tmp*"))
        {
            var name = Naming().Match(file);
            if (name.Success
                && name.Groups["host"].Value == ThisHost
                && int.TryParse(name.Groups["id"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && new ProcessIdentity(ProcessIdentity.Current.Host, id, name.Groups["start"].Value).IsGone())
            {
                Remove(file);
            }
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's leftover takes room, and must not keep this user from a backup.
        }
    }

    [GeneratedRegex(@"\.(?<host>[0-9a-f]{12})-(?<id>[0-9]+)-(?<start>[0-9]+)\.tmp(-journal|-wal|-shm)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Naming();
}
