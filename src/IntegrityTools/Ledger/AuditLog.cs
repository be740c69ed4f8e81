using System.Buffers;
using System.Text.Json;
using IntegrityTools.Model;

namespace IntegrityTools.Ledger;

/// <summary>
/// The audit's log file: one JSON line for each event, without sensitive values, for log collectors. Opened before the events are
/// committed, so that a file that cannot be written stops the append, and written under a lock of its own inside the ledger's, so that the
/// lines of several processes and ledgers stay whole, and those of one ledger in order.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private readonly FileStream file;
    private readonly FileStream only;
    private readonly string ledger;

    private AuditLog(FileStream file, FileStream only, string ledger)
    {
        this.file = file;
        this.only = only;
        this.ledger = ledger;
    }

    /// <summary>Opens it for one append, once no other ledger writes it.</summary>
    public static async Task<AuditLog> OpenAsync(string path, string ledger, TimeSpan timeout, CancellationToken cancellationToken)
    {
        FileStream? only = null;
        try
        {
            LedgerFiles.CreateFolderOf(path);
            only = await LedgerLock.TakeAsync(path, timeout, cancellationToken).ConfigureAwait(false);
            return new AuditLog(LedgerFiles.Open(path, FileMode.Append, FileShare.ReadWrite), only, ledger);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            only?.Dispose();
            throw new IntegrityException(
                ErrorIds.LedgerUnavailable, $"The audit's log file cannot be opened, so nothing was appended: {failure.Message}", path,
                "Make the file writable, or name another folder in audit.log_path, or set audit.enabled to false.", failure);
        }
    }

    public void Write(IReadOnlyList<StoredEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(events.Count * 256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, MaxDepth = JsonLimits.HolderDepth }))
        {
            foreach (var entry in events)
            {
                Write(writer, entry);
                writer.Flush();
                writer.Reset();
                buffer.Write("\n"u8);
            }
        }

        var end = file.Length;
        try
        {
            file.Write(buffer.WrittenSpan);
            file.Flush();
        }
        catch (IOException failure)
        {
            // Half a line would spoil the next one as well.
            file.SetLength(end);
            throw new IntegrityException(
                ErrorIds.LedgerUnavailable,
                $"Events {events[0].Number} to {events[^1].Number} are in the ledger, but not in the audit's log file: {failure.Message}",
                file.Name, "Free some space, or name another folder in audit.log_path, or set audit.enabled to false.", failure);
        }
    }

    public void Dispose()
    {
        file.Dispose();
        only.Dispose();
    }

    private void Write(Utf8JsonWriter writer, StoredEvent entry)
    {
        writer.WriteStartObject();
        writer.WriteString("ledger"u8, ledger);
        writer.WriteNumber("number"u8, entry.Number);
        writer.WriteString("at"u8, entry.At);
        writer.WriteString("actor"u8, entry.Actor);
        writer.WriteString("kind"u8, entry.Kind);
        WriteIfAny(writer, "store", entry.Store);
        WriteIfAny(writer, "scan_id", entry.ScanId);
        WriteIfAny(writer, "plan_id", entry.PlanId);
        WriteIfAny(writer, "execution_id", entry.ExecutionId);
        WriteIfAny(writer, "subject", entry.Subject);
        writer.WritePropertyName("data"u8);
        writer.WriteRawValue(entry.Data.Span, skipInputValidation: true);
        writer.WriteString("hash"u8, Convert.ToHexStringLower(entry.Hash));
        writer.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}
