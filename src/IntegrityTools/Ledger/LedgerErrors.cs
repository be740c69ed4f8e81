using System.Text.Json;
using IntegrityTools.Model;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace IntegrityTools.Ledger;

/// <summary>Turns failures of the file and of the database into designed ones.</summary>
internal static class LedgerErrors
{
    /// <summary>True for what goes wrong with a file or with what stands in it; all else is a fault of this program.</summary>
    public static bool Explains(Exception failure) =>
        failure is SqliteException or IOException or UnauthorizedAccessException or JsonException or FormatException;

    /// <summary>The next step where this file cannot be the ledger.</summary>
    public static string AnotherFile => $"choose another file with {Option}";

    private static string Option => CommandWords.Option("--ledger", "-Ledger");

    public static IntegrityException From(Exception cause, string path) => cause switch
    {
        SqliteException failure => From(failure, path),
        UnauthorizedAccessException => Unavailable(path, "may not be read or written", $"Give this user the right to write it, or {AnotherFile}.", cause),
        JsonException or FormatException => Unavailable(
            path, $"was changed: an event does not hold what its kind says ({cause.Message})", $"Run {CommandWords.Command("integrity audit verify", "Test-IntegrityAudit")} to see all that was changed.", cause),
        _ => Unavailable(path, $"cannot be used: {cause.Message}", $"Check the disk and the folder, or {AnotherFile}.", cause),
    };

    public static IntegrityException Unavailable(string path, string why, string nextStep, Exception? cause = null) =>
        new(ErrorIds.LedgerUnavailable, $"The ledger {why.TrimEnd('.')}.", path, nextStep, cause);

    public static IntegrityException KeyMissing(string path, string what) => Unavailable(
        path, $"is sealed with a key, and without it {what}", "Configure the key with which this ledger was begun (ledger.key_file or ledger.key_environment).");

    private static IntegrityException From(SqliteException failure, string path) => failure.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => Unavailable(path, "cannot be written because the disk is full", "Free some space and run the command again.", failure),
        raw.SQLITE_IOERR => Unavailable(
            path, "cannot be read or written: the disk is full or reports an error", "Check the disk's free space and health, then run the command again.", failure),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => Unavailable(
            path, "cannot be opened for writing", $"Give this user the right to write the file and its folder, or {AnotherFile}.", failure),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Unavailable(
            path, "is damaged or no ledger at all", $"Restore it from a copy, or move it aside and begin a new one with {Option}.", failure),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Unavailable(
            path, "is held by another program", "Close the program that has the file open, then run the command again.", failure),
        raw.SQLITE_CONSTRAINT or raw.SQLITE_ERROR => new IntegrityException(
            ErrorIds.InvalidArgument, $"The ledger refused an event that lacks what its kind needs: {failure.Message}", path,
            "Nothing was appended; report this with the command that led to it.", failure),
        _ => Unavailable(path, $"cannot be used: {failure.Message}", $"Check the file and its folder, or {AnotherFile}.", failure),
    };
}
