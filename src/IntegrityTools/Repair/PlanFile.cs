using System.Globalization;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Repair;

/// <summary>A plan as a JSON file: written readably, one member a line, and read back without trust.</summary>
public static class PlanFile
{
    private static readonly JsonWriterOptions Readable = new()
    {
        Indented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonLimits.HolderDepth,
    };

    /// <summary>Throws when a plan would be written over a file that is there.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.InvalidArgument"/>.</exception>
    public static void ThrowIfThere(string path)
    {
        if (File.Exists(path))
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, "The file exists already.", Path.GetFullPath(path), $"Name another, or write over it with {CommandWords.Option("--overwrite", "-Force")}.");
        }
    }

    /// <summary>Writes the plan to a new file: to a temporary name, flushed, then renamed, so that no reader sees half a plan. It holds what documents hold: its owner alone may read it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="path">The file; of a folder that is there, the plan's id becomes the file's name.</param>
    /// <param name="overwrite">True to write over a file that is there.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The file's full path.</returns>
    /// <exception cref="IntegrityException">The file cannot be written, or is there and not to be written over.</exception>
    public static async Task<string> ExportAsync(RepairPlan plan, string path, bool overwrite, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var full = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, plan.Id + ".json") : path);
        if (!overwrite)
        {
            ThrowIfThere(full);
        }

        var folder = Path.GetDirectoryName(full) ?? full;
        string? temporary = null;
        try
        {
            TemporaryFiles.RemoveAbandoned(folder);
            temporary = TemporaryFiles.NameFor(full);
            await using (var stream = new FileStream(temporary, PrivateFile.Options()))
            {
                await using (var writer = new Utf8JsonWriter(stream, Readable))
                {
                    JsonSerializer.Serialize(writer, plan, ModelJson.Default.RepairPlan);
                }

                cancellationToken.ThrowIfCancellationRequested();
                stream.FlushToDisk();
            }

            File.Move(temporary, full, overwrite);
            FolderSync.Flush(folder);
            return full;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.InvalidArgument, $"The plan cannot be written: {exception.Message}", full, "Name a file in a folder that you may write to.", exception);
        }
        finally
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>Reads a plan file and tells whether it is as it was sealed.</summary>
    /// <exception cref="IntegrityException">It is no plan.</exception>
    public static async Task<(RepairPlan Plan, bool Unchanged)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        if (!IsOfShell(full))
        {
            SpecialFile.ThrowIf(full, "a plan", ErrorIds.InvalidArgument, NextStep);
        }

        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(full, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.NotFound, $"The plan file cannot be read: {exception.Message}", full, NextStep, exception);
        }

        try
        {
            var plan = JsonSerializer.Deserialize(bytes.AsSpan(), ModelJson.Strict.RepairPlan) ?? throw new JsonException("It holds null.");
            ThrowIfNotNumbered(plan);
            return (plan, string.Equals(PlanDigest.Of(plan), plan.Digest, StringComparison.OrdinalIgnoreCase));
        }
        catch (JsonException exception)
        {
            throw new IntegrityException(
                ErrorIds.DamagedFile,
                $"This is no plan: {exception.Message}",
                full,
                "Export the plan again; to change one by hand keep its JSON valid and its members' names.",
                exception);
        }
    }

    private static string NextStep => $"Give the path of a file that {CommandWords.Command("integrity plan --to", "Export-RepairPlan")} wrote.";

    // A shell hands over a program's output as a pipe that is open already: '<(jq … plan.json)', or /dev/stdin.
    private static bool IsOfShell(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);

    // Outcomes, results and undo know an operation by its number.
    private static void ThrowIfNotNumbered(RepairPlan plan)
    {
        var numbers = new HashSet<int>(plan.Operations.Count);
        foreach (var operation in plan.Operations)
        {
            if (operation is null)
            {
                throw new JsonException("One of its operations is null.");
            }

            if (!numbers.Add(operation.Number))
            {
                throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"Two of its operations have the number {operation.Number}."));
            }
        }
    }
}
