using System.Text.Json;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Repair;

/// <summary>
/// Keeps the lease in a <c>_local</c> document of the database itself, where executors on other machines see it. Such documents are
/// not replicated, and not every server refuses a second writer, so what was written is read back.
/// </summary>
internal sealed class ServerLease(CouchClient client) : ILeaseKeeper
{
    private const string Name = "integritytools-lease";

    /// <inheritdoc/>
    public async Task<Lease> AcquireAsync(Lease wanted, CancellationToken cancellationToken)
    {
        var standing = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (standing?.ToLease(wanted.Store) is { } other && other.Bars(wanted, DateTimeOffset.UtcNow))
        {
            return other;
        }

        var document = new LeaseDocument
        {
            Id = "_local/" + Name,
            Revision = standing?.Revision,
            Holder = wanted.Holder,
            Owner = wanted.Owner,
            ExpiresAt = wanted.ExpiresAt,
        };
        var json = new RawJson(JsonSerializer.SerializeToUtf8Bytes(document, LeaseJson.Default.LeaseDocument));
        await client.Members.PutLocalAsync(Name, json, cancellationToken).ConfigureAwait(false);
        var written = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return written?.ToLease(wanted.Store) ?? throw new IntegrityException(
            ErrorIds.UnexpectedAnswer, "The lease was written, but is not there.", client.Store, "Look whether something else deletes _local documents.");
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync(Lease lease, CancellationToken cancellationToken)
    {
        var standing = await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (standing is { Revision: { } revision } && standing.Holder == lease.Holder)
        {
            await client.Members.DeleteLocalAsync(Name, revision, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<LeaseDocument?> ReadAsync(CancellationToken cancellationToken)
    {
        var json = await client.Members.GetLocalAsync(Name, cancellationToken).ConfigureAwait(false);
        try
        {
            return json is { } found ? JsonSerializer.Deserialize(found.Utf8.Span, LeaseJson.Default.LeaseDocument) : null;
        }
        catch (JsonException exception)
        {
            throw new IntegrityException(
                ErrorIds.UnexpectedAnswer,
                $"The document _local/{Name} is no lease: {exception.Message}",
                client.Store,
                $"Delete _local/{Name}, unless another program needs it.",
                exception);
        }
    }
}
