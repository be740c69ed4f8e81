using System.Net;
using System.Text;
using System.Text.Json;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Client;

/// <summary>Turns what a server answers into designed failures.</summary>
internal static class CouchErrors
{
    private const int ShownCharacters = 100;

    /// <summary>True for answers that another try may better.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    /// <summary>True for those that say nothing of what was asked: the server, or a proxy before it, is too busy or not there yet. A 500 is often what a broken index answers.</summary>
    public static bool IsBusy(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>True for failures of the connection, as opposed to answers.</summary>
    public static bool IsTransient(Exception exception) =>
        exception is HttpRequestException or IOException or JsonException or TransientAnswerException;

    public static IntegrityException Unavailable(string store, string what, Exception? cause = null) => new(
        ErrorIds.StoreUnavailable,
        $"{what} failed: {Reason(cause)}",
        store,
        "Check that the server runs and can be reached from here, then run the command again.",
        cause);

    /// <summary>A write of a repair whose answer was lost: only a resumed execution, which reads back, can tell whether it arrived.</summary>
    public static IntegrityException LostWrite(string store, int documents, Exception cause) => new(
        ErrorIds.StoreUnavailable,
        $"Writing {Counted.Of(documents, "document")} (which of them arrived is unknown) failed: {Reason(cause)}",
        store,
        "Check that the server runs and can be reached from here, then resume the execution: it reads back what is there and goes on.",
        cause);

    /// <summary>An answer to a write that does not tell of each document what became of it.</summary>
    public static IntegrityException MissingResults(string store, int results, int documents) => new(
        ErrorIds.UnexpectedAnswer,
        $"The server answered {Counted.Of(results, "result")} to {Counted.Of(documents, "document")}: which were written is unknown.",
        store,
        "Resume the execution: it reads back what is there.");

    public static IntegrityException Unexpected(string store, string what, string? contentType, string beginning) => new(
        ErrorIds.UnexpectedAnswer,
        $"{what}: the answer ({contentType ?? "no content type"}) is not CouchDB's. It begins: {Shorten(beginning)}",
        store,
        "Check host, port and path; a proxy or another program may answer there.");

    /// <summary>The failure that an answer other than success stands for.</summary>
    public static async Task<IntegrityException> OfAnswerAsync(
        HttpResponseMessage answer, Stream body, string store, string what, bool authenticated, CancellationToken cancellationToken)
    {
        var text = await ReadBeginningAsync(body, cancellationToken);
        var contentType = answer.Content.Headers.ContentType?.MediaType;
        var (error, reason) = ParseError(text);
        var status = (int)answer.StatusCode;
        switch (answer.StatusCode)
        {
            // CouchDB answers so, too, where a login is right and not an admin's.
            case HttpStatusCode.Unauthorized when authenticated && reason?.Contains("admin", StringComparison.OrdinalIgnoreCase) == true:
                return new IntegrityException(
                    ErrorIds.AccessDenied, $"{what}: this name may not do that: {reason}", store, "Use the name of an admin for it.");
            case HttpStatusCode.Unauthorized:
                return new IntegrityException(
                    ErrorIds.LoginRefused,
                    authenticated ? "The server refused the name or the password." : "The server asks for a name and a password.",
                    store,
                    authenticated
                        ? "Check the credential before you try again: five wrong passwords lock the name out for minutes. One was spent."
                        : "Give a credential, a password file or the configured environment variable.");
            case HttpStatusCode.Forbidden when reason?.Contains("temporarily locked", StringComparison.OrdinalIgnoreCase) == true:
                return new IntegrityException(
                    ErrorIds.LoginRefused,
                    $"The server has locked this name out after too many wrong passwords: {reason}",
                    store,
                    "Wait five minutes (CouchDB's default), then try again with the right password.");
            case HttpStatusCode.Forbidden:
                return new IntegrityException(
                    ErrorIds.AccessDenied,
                    $"This name may not do that: {reason ?? Shorten(text)}",
                    store,
                    "Use a name that is an admin or a member of the database.");
            case HttpStatusCode.NotFound when error is not null:
                return new IntegrityException(
                    ErrorIds.StoreNotFound, $"There is no such database: {reason}", store, "Check the database's name in the address.");
            case HttpStatusCode.RequestEntityTooLarge:
                return new IntegrityException(
                    ErrorIds.TooLarge, $"{what}: the server refuses a request as large as this: {reason ?? Shorten(text)}", store,
                    "Lower batch_size, or raise max_document_size, max_attachment_size or max_http_request_size on the server.");
        }

        if (status is >= 300 and < 400)
        {
            return new IntegrityException(
                ErrorIds.UnexpectedAnswer,
                $"{what}: the server redirects to {answer.Headers.Location?.GetLeftPart(UriPartial.Path) ?? "another address"}, which is not followed.",
                store,
                "Use that address itself if it is the right one.");
        }

        return error is null
            ? Unexpected(store, $"{what} ({status})", contentType, text)
            : new IntegrityException(
                ErrorIds.UnexpectedAnswer, $"{what}: the server answered {status} {error}: {reason}", store,
                "See the server's log for the cause.");
    }

    /// <summary>The first characters of an answer, for a message.</summary>
    public static async Task<string> ReadBeginningAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private static (string? Error, string? Reason) ParseError(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, JsonLimits.Document);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (document.RootElement.Text("error"), document.RootElement.Text("reason"))
                : default;
        }
        catch (JsonException)
        {
            return default; // Not JSON: not CouchDB's words, which is what the caller then says.
        }
    }

    private static string Shorten(string text) =>
        (text.Length > ShownCharacters ? text[..ShownCharacters] + "…" : text).ReplaceLineEndings(" ");

    private static string Reason(Exception? cause) => cause switch
    {
        null => "no usable answer",
        JsonException => "the answer is cut or no JSON",
        { InnerException: { } inner } when inner.Message.Length > 0 && !cause.Message.Contains(inner.Message, StringComparison.Ordinal) => $"{cause.Message} ({inner.Message})",
        _ => cause.Message,
    };
}
