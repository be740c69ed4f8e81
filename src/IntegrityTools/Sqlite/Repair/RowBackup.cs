using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>The rows that a repair touches, as they were: one JSON object a line with table, key, columns and values.</summary>
internal static class RowBackup
{
    /// <summary>Saves the rows and flushes them to disk before it returns.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.BackupFailed"/>: nothing may be repaired.</exception>
    public static BackupRecord Save(string path, Func<RowAccess> access, IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        try
        {
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder);
            TemporaryFiles.RemoveAbandoned(folder);
            var temporary = TemporaryFiles.NameFor(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long length = 0, saved = 0;
            using (var file = new FileStream(temporary, Options()))
            {
                RowAccess? rows = null;
                foreach (var row in operations.Select(operation => operation.Precondition).OfType<RowPrecondition>())
                {
                    rows ??= access();
                    cancellationToken.ThrowIfCancellationRequested();
                    if (rows.Read(row.Table, row.Key) is { } image)
                    {
                        var line = Line(row, image);
                        hash.AppendData(line.Span);
                        file.Write(line.Span);
                        length += line.Length;
                        saved++;
                    }
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            FolderSync.Flush(folder);
            return new BackupRecord(path, Convert.ToHexStringLower(hash.GetHashAndReset()), length, saved, saved);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IntegrityException(
                ErrorIds.BackupFailed,
                $"The rows could not be saved before the repair, so nothing was repaired: {exception.Message}",
                path,
                "Make room or give the folder's rights, then resume the execution; the backups stand beside the ledger.",
                exception);
        }
    }

    // What a row holds may be secret: only its owner reads the file.
    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static ReadOnlyMemory<byte> Line(RowPrecondition row, RowImage image)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("table", row.Table);
            writer.WritePropertyName("key");
            writer.WriteRawValue(row.Key.Utf8.Span);
            writer.WriteString("sha256", image.Sha256);
            writer.WriteStartArray("columns");
            foreach (var column in image.Columns)
            {
                writer.WriteStringValue(column);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("values");
            foreach (var value in image.Values)
            {
                value.Write(writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }
}
