using System.Net;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>What a database has beside its documents: <c>_local</c> documents, and members of its own such as <c>_security</c>.</summary>
internal sealed class DatabaseMembers(CouchTransport transport)
{
    /// <summary>Reads a <c>_local</c> document; null when there is none.</summary>
    public async Task<RawJson?> GetLocalAsync(string name, CancellationToken cancellationToken)
    {
        await transport.OpenAsync(cancellationToken);
        return await transport.RetryAsync<RawJson?>(
            $"Reading _local/{name}",
            async token =>
            {
                using var answer = await transport.SendAsync(
                    HttpMethod.Get, LocalPath(name), null, $"Reading _local/{name}", HttpStatusCode.NotFound, token);
                return answer.StatusCode == HttpStatusCode.NotFound ? null : new RawJson(await transport.ReadAsync(answer, token));
            },
            cancellationToken);
    }

    /// <summary>Writes a <c>_local</c> document; false when the server refuses it as a conflict.</summary>
    /// <remarks>
    /// CouchDB 3 takes a write that names no or another revision: this is no compare-and-swap. Read back to see whose write stands.
    /// </remarks>
    public Task<bool> PutLocalAsync(string name, RawJson document, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Put, LocalPath(name), document, HttpStatusCode.Conflict, cancellationToken);

    /// <summary>Deletes a <c>_local</c> document; false when it is not there.</summary>
    public Task<bool> DeleteLocalAsync(string name, string revision, CancellationToken cancellationToken) =>
        ChangeAsync(
            HttpMethod.Delete, LocalPath(name) + "?rev=" + Uri.EscapeDataString(revision), null, HttpStatusCode.NotFound, cancellationToken);

    /// <summary>Reads one of a database's own members, such as <c>_security</c>; null on servers that have none, or do not show it to this name.</summary>
    public async Task<RawJson?> GetMemberAsync(string member, CancellationToken cancellationToken)
    {
        await transport.OpenAsync(cancellationToken);
        try
        {
            return await transport.RetryAsync<RawJson?>(
                $"Reading {member}",
                async token =>
                {
                    using var answer = await transport.SendAsync(
                        HttpMethod.Get, transport.DatabasePath + "/" + member, null, $"Reading {member}", HttpStatusCode.NotFound, token);
                    return answer.StatusCode == HttpStatusCode.NotFound ? null : new RawJson((await transport.ReadAsync(answer, token)).AsMemory().TrimEnd("\r\n "u8));
                },
                cancellationToken);
        }
        catch (IntegrityException denied) when (denied.ErrorId == ErrorIds.AccessDenied)
        {
            return null;
        }
    }

    /// <summary>Sets one of a database's own members; false on servers that have none.</summary>
    public Task<bool> PutMemberAsync(string member, RawJson value, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Put, transport.DatabasePath + "/" + member, value, HttpStatusCode.NotFound, cancellationToken, $"Writing {member}");

    /// <summary>Writes a <c>_local</c> document as it was, unless there is one of its id.</summary>
    /// <returns>The one that is there and stays; null when it was written.</returns>
    public async Task<RawJson?> AddLocalDocumentAsync(string id, RawJson document, CancellationToken cancellationToken)
    {
        // Looked at before, since CouchDB takes such a write whatever stands there, and after it where another server refuses it.
        var member = CouchNames.Local[1..] + Uri.EscapeDataString(id["_local/".Length..]);
        return await GetMemberAsync(member, cancellationToken)
            ?? (await ChangeAsync(HttpMethod.Put, $"{transport.DatabasePath}/{member}", document, HttpStatusCode.Conflict, cancellationToken, $"Writing {id}")
                ? null : await GetMemberAsync(member, cancellationToken));
    }

    // Each of these writes can be sent again: it says what is to stand there, whatever does.
    private async Task<bool> ChangeAsync(
        HttpMethod method, string path, RawJson? content, HttpStatusCode refusal, CancellationToken cancellationToken, string what = "Writing a _local document")
    {
        await transport.OpenAsync(cancellationToken);
        return await transport.RetryAsync(
            what,
            async token =>
            {
                using var answer = await transport.SendAsync(method, path, content is { } json ? CouchClient.Json(json.Utf8) : null, what, refusal, token);
                await transport.ReadAsync(answer, token);
                return answer.IsSuccessStatusCode;
            },
            cancellationToken);
    }

    private string LocalPath(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')
            ? transport.DatabasePath + CouchNames.Local + name
            : throw new ArgumentException("A _local name is made of ASCII letters, digits, - and _ only.", nameof(name));
}
