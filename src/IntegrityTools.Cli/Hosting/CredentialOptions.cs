using System.CommandLine;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Cli.Hosting;

/// <summary>Name and password for a store: the password never stands in an argument, where other users could see it.</summary>
internal sealed class CredentialOptions
{
    private const string PasswordVariable = "INTEGRITY_PASSWORD";

    private readonly Option<string?> user = new("--user")
    {
        Description = $"The user's name; the password comes from --password-file or {PasswordVariable}",
        HelpName = "NAME",
    };

    private readonly Option<string?> passwordFile = new("--password-file")
    {
        Description = "The file whose first line is the password",
        HelpName = "FILE",
    };

    /// <summary>Adds the options to a verb.</summary>
    public CredentialOptions AddTo(Command command)
    {
        command.Add(user);
        command.Add(passwordFile);
        return this;
    }

    /// <summary>The credential given on the command; null: as configured.</summary>
    public StoreCredential? Read(ParseResult result)
    {
        var name = result.GetValue(user);
        var file = result.GetValue(passwordFile);
        if (name is null && file is null)
        {
            return null;
        }

        if (name is null)
        {
            throw new IntegrityException(ErrorIds.InvalidArgument, "A password file was given, but no user's name.", file, "Add --user NAME.");
        }

        var password = file is null ? Environment.GetEnvironmentVariable(PasswordVariable) : FirstLine(file);
        return string.IsNullOrEmpty(password)
            ? throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"There is no password for {name}.",
                file ?? PasswordVariable,
                $"Give it in --password-file FILE or in {PasswordVariable}.")
            : new StoreCredential(name, password);
    }

    private static string? FirstLine(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument,
                $"The password file cannot be read: {exception.Message}",
                file,
                "Name a file that you may read.",
                exception);
        }
    }
}
