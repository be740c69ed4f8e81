using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>Finds the configuration file: named on the command, in <c>INTEGRITY_CONFIG</c>, in the working folder, in the user's folder.</summary>
public static class ConfigurationLocator
{
    private static readonly string[] Names = ["integrity.yaml", "integrity.yml"];

    /// <summary>The file to read, a full path; null when there is none.</summary>
    /// <param name="argument">The path given on the command, or null.</param>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidConfiguration"/>: a file that was named does not exist.</exception>
    public static string? Find(string? argument = null) =>
        Find(argument, Environment.GetEnvironmentVariable("INTEGRITY_CONFIG"), Environment.CurrentDirectory, UserFolders.Configuration);

    internal static string? Find(string? argument, string? variable, string workingFolder, string userFolder)
    {
        var named = string.IsNullOrEmpty(argument) ? variable : argument;
        if (!string.IsNullOrEmpty(named))
        {
            var path = UserFolders.FullPath(named, workingFolder);
            return File.Exists(path)
                ? path
                : throw new IntegrityException(
                    ErrorIds.InvalidConfiguration,
                    $"The configuration file {path}, named by {(named == argument ? "the command" : "INTEGRITY_CONFIG")}, does not exist.",
                    path,
                    "Correct the path, or leave it out to use integrity.yaml of the working folder or the defaults.");
        }

        return new[] { workingFolder, userFolder }
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }
}
