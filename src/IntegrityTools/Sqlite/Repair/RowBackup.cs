using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using IntegrityTools.Model;
using IntegrityTools.Sqlite.Schema;
using IntegrityTools.Sqlite.Summaries;
using IntegrityTools.Stores;
using Microsoft.Data.Sqlite;

namespace IntegrityTools.Sqlite.Repair;

/// <summary>The rows that a repair touches, as they were: one JSON object a line with table, key, columns and values; of a summary its definitions before its rows.</summary>
internal static class RowBackup
{
    /// <summary>Saves the rows and flushes them to disk before it returns.</summary>
    /// <exception cref="IntegrityException"><see cref="ErrorIds.BackupFailed"/>: nothing may be repaired.</exception>
    public static BackupRecord Save(string path, Func<SqliteConnection> open, IReadOnlyList<RepairOperation> operations, CancellationToken cancellationToken)
    {
        string? temporary = null;
        try
        {
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder);
            TemporaryFiles.RemoveAbandoned(folder);
            temporary = TemporaryFiles.NameFor(path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long length = 0, saved = 0;
            using (var file = new FileStream(temporary, PrivateFile.Options()))
            {
                var saving = operations.Where(operation => operation.Precondition is RowPrecondition or SchemaPrecondition).ToList();
                foreach (var (line, isRow) in saving.Count == 0 ? [] : Lines(saving, open()))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    hash.AppendData(line.Span);
                    file.Write(line.Span);
                    length += line.Length;
                    saved += isRow ? 1 : 0;
                }

                file.FlushToDisk();
            }

            File.Move(temporary, path, overwrite: true);
            FolderSync.Flush(folder);
            return new BackupRecord(path, Convert.ToHexStringLower(hash.GetHashAndReset()), length, saved, saved);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            // The last is what the platform makes of a file that is too large for its file system.
            throw new IntegrityException(
                ErrorIds.BackupFailed,
                $"The rows could not be saved before the repair, so nothing was repaired: {exception.Message}",
                path,
                "Make room or give the folder's rights, then resume the execution; the backups stand beside the ledger.",
                exception);
        }
        finally
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
    }

    private static IEnumerable<(ReadOnlyMemory<byte> Line, bool IsRow)> Lines(List<RepairOperation> operations, SqliteConnection connection)
    {
        var rows = new RowAccess(connection);
        return operations.SelectMany(operation => Lines(operation.Precondition, rows, connection));
    }

    private static IEnumerable<(ReadOnlyMemory<byte> Line, bool IsRow)> Lines(Precondition precondition, RowAccess rows, SqliteConnection connection)
    {
        if (precondition is RowPrecondition row && rows.Read(row.Table, row.Key) is { } image)
        {
            yield return (Line(row.Table, row.Key, image), true);
        }

        if (precondition is not SchemaPrecondition summary)
        {
            yield break;
        }

        var schema = SummarySchema.Read(connection, summary.EventTable, summary.Table, summary.View);
        foreach (var item in schema.Objects)
        {
            yield return (Line(item), false);
        }

        // By the name that the schema has for it: under that one they are looked for.
        foreach (var (key, values) in schema.Table is { Type: "table", Name: var name } ? rows.ReadAll(name) : [])
        {
            yield return (Line(schema.Table!.Name, key, values), true);
        }
    }

    private static ReadOnlyMemory<byte> Line(SchemaObject item)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("object");
            writer.WriteString("type", item.Type);
            writer.WriteString("name", item.Name);
            writer.WriteString("table", item.Table);
            writer.WriteString("sql", item.Sql);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Line(string table, RawJson key, RowImage image)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("table", table);
            writer.WritePropertyName("key");
            writer.WriteRawValue(RowKey.Compact(key).Utf8.Span);
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
