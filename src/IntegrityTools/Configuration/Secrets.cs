using IntegrityTools.Model;

namespace IntegrityTools.Configuration;

/// <summary>Reads what must not stand in a configuration. No message holds what was read.</summary>
internal static class Secrets
{
    public static string? Read(string? file, string? environment, string what)
    {
        if (file is not null)
        {
            return ReadFile(file, what);
        }

        if (environment is null)
        {
            return null;
        }

        var value = Environment.GetEnvironmentVariable(environment);
        return !string.IsNullOrEmpty(value)
            ? value
            : throw new IntegrityException(
                ErrorIds.InvalidConfiguration,
                $"The environment variable that should hold {what} is not set.",
                environment,
                $"Set {environment} before you start, or name a file instead.");
    }

    /// <summary>A warning when anybody on the machine can read the file; null otherwise.</summary>
    public static string? WarningFor(string? file)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return file is not null && !OperatingSystem.IsWindows() && File.Exists(file) && (File.GetUnixFileMode(file) & others) != 0
            ? $"{file} holds a secret and is open to every user of this machine: run 'chmod 600 {file}'."
            : null;
    }

    private static string ReadFile(string file, string what)
    {
        string? line;
        try
        {
            using var reader = new StreamReader(file);
            line = reader.ReadLine();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.InvalidConfiguration,
                $"The file that should hold {what} cannot be read: {exception.Message}",
                file,
                "Create the file with the secret in its first line, readable by you alone.",
                exception);
        }

        return !string.IsNullOrEmpty(line)
            ? line
            : throw new IntegrityException(
                ErrorIds.InvalidConfiguration,
                $"The first line of the file that should hold {what} is empty.",
                file,
                "Write the secret into its first line.");
    }
}
