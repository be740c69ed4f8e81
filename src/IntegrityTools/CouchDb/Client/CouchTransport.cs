using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IntegrityTools.Model;
using IntegrityTools.Stores;

namespace IntegrityTools.CouchDb.Client;

/// <summary>
/// Sends requests to one database. The first request of all is always one single <c>GET /db</c>: a wrong password then costs
/// one attempt, however many batches are about to run in parallel, because CouchDB locks a name out after five.
/// </summary>
internal sealed class CouchTransport : IDisposable
{
    // .NET takes the dots out of a path even when they are escaped.
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // A server that asks for more than that is as good as gone for now.
    private static readonly TimeSpan LongestWanted = TimeSpan.FromSeconds(30);

    private readonly HttpClient client;
    private readonly CouchOptions options;
    private readonly AuthenticationHeaderValue? authorization;
    private readonly SemaphoreSlim opening = new(1, 1);
    private readonly SemaphoreSlim turn;
    private readonly RequestPace? pace;
    private readonly string root;
    private DatabaseInfo? firstAnswer;
    private IntegrityException? refused;

    public CouchTransport(Uri server, string database, StoreCredential? credential, CouchOptions options)
    {
        this.options = options;
        turn = new SemaphoreSlim(options.MaxConcurrentOperations == 1 ? 1 : int.MaxValue);
        pace = options.RequestsPerSecond is { } perSecond ? new RequestPace(perSecond) : null;
        root = server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        Store = $"{root}/{database}";
        DatabasePath = "/" + Uri.EscapeDataString(database);
        authorization = credential is null
            ? null
            : new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}")));
        client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            MaxConnectionsPerServer = options.MaxConcurrentOperations + 2,
            PlaintextStreamFilter = server.Scheme == Uri.UriSchemeHttp ? static (connection, _) => ValueTask.FromResult<Stream>(new GatheringStream(connection.PlaintextStream)) : null,
            // On the same machine compressing costs more than it saves.
            AutomaticDecompression = server.IsLoopback ? DecompressionMethods.None : DecompressionMethods.GZip | DecompressionMethods.Deflate,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The store's address for messages.</summary>
    public string Store { get; }

    /// <summary>The database's path, escaped.</summary>
    public string DatabasePath { get; }

    /// <summary>True when the server says that it is CouchDB itself; other servers of its protocol differ in small things.</summary>
    public bool IsCouchDb { get; private set; }

    /// <summary>What the first <c>GET /db</c> answered; asked once.</summary>
    public async Task<DatabaseInfo> OpenAsync(CancellationToken cancellationToken)
    {
        if (firstAnswer is { } known)
        {
            return known;
        }

        await opening.WaitAsync(cancellationToken);
        try
        {
            return firstAnswer ??= await AskAsync(cancellationToken);
        }
        finally
        {
            opening.Release();
        }
    }

    /// <summary>Asks for the database's figures now.</summary>
    public Task<DatabaseInfo> AskAsync(CancellationToken cancellationToken)
    {
        var what = $"Opening {Store}";
        return RetryAsync(
            what,
            async token => CouchAnswers.ReadInfo(await ReadAllAsync(HttpMethod.Get, DatabasePath, null, what, token), Store),
            cancellationToken);
    }

    /// <summary>Runs an idempotent read, again after failures of the connection or the server, with growing pauses.</summary>
    /// <exception cref="IntegrityException">StoreUnavailable when no try succeeded; other ids at once.</exception>
    public async Task<T> RetryAsync<T>(string what, Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await read(cancellationToken);
            }
            catch (Exception exception) when (CouchErrors.IsTransient(exception))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await PauseAsync(what, attempt, exception, cancellationToken);
            }
        }
    }

    /// <summary>Runs a write once; again only after answers by which the server has done nothing of it.</summary>
    public async Task<T> WriteAsync<T>(string what, Func<Task<T>> write, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await write();
            }
            catch (TransientAnswerException refusal) when (refusal.NothingDone)
            {
                await PauseAsync(what, attempt, refusal, cancellationToken);
            }
        }
    }

    /// <summary>Waits before another try, or throws StoreUnavailable when there is to be none.</summary>
    public Task PauseAsync(string what, int attempt, Exception cause, CancellationToken cancellationToken)
    {
        if (attempt >= (firstAnswer is null ? options.Attempts : options.AttemptsOnceOpened))
        {
            throw CouchErrors.Unavailable(Store, $"{what} (tried {attempt} times)", cause);
        }

        var pause = Math.Min(options.Backoff.TotalMilliseconds * Math.Pow(2, attempt - 1), options.MaximumBackoff.TotalMilliseconds);
        pause *= 0.5 + (Random.Shared.NextDouble() / 2);
        var wanted = (cause as TransientAnswerException)?.After ?? TimeSpan.Zero;
        return Task.Delay(TimeSpan.FromMilliseconds(Math.Max(pause, Math.Min(wanted.TotalMilliseconds, LongestWanted.TotalMilliseconds))), cancellationToken);
    }

    /// <summary>Sends one request, once, and reads the whole answer.</summary>
    public Task<byte[]> ReadAllAsync(HttpMethod method, string path, HttpContent? content, string what, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            using var answer = await SendAsync(method, path, content, what, null, cancellationToken);
            return await ReadAsync(answer, cancellationToken);
        },
        cancellationToken);

    /// <summary>Sends one request, once, and reads the whole answer, whatever its status.</summary>
    public Task<ServerAnswer> AskOnceAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            using var answer = await ExchangeAsync(method, path, content, cancellationToken);
            return new ServerAnswer(answer.StatusCode, await ReadAsync(answer, cancellationToken));
        },
        cancellationToken);

    // Where one operation at a time is allowed, what is read whole is asked one after another.
    private async Task<T> InTurnAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await ask();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Sends one request, once; the answer is a success with JSON in it, its body not yet read.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path below the server's root.</param>
    /// <param name="content">The body.</param>
    /// <param name="what">What is being done, for messages.</param>
    /// <param name="accepted">A status other than success that the caller wants to see.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content, string what, HttpStatusCode? accepted, CancellationToken cancellationToken)
    {
        var answer = await ExchangeAsync(method, path, content, cancellationToken);
        if (answer.IsSuccessStatusCode || answer.StatusCode == accepted)
        {
            var type = answer.Content.Headers.ContentType?.MediaType;
            if (type is "application/json" or "text/plain")
            {
                return answer;
            }

            using (answer)
            {
                using var body = await OpenBodyAsync(answer, cancellationToken);
                throw CouchErrors.Unexpected(Store, what, type, await CouchErrors.ReadBeginningAsync(body, cancellationToken));
            }
        }

        using (answer)
        {
            throw await FailureAsync(answer, what, cancellationToken);
        }
    }

    /// <summary>What an answer other than success stands for.</summary>
    public async Task<Exception> FailureAsync(HttpResponseMessage answer, string what, CancellationToken cancellationToken)
    {
        if (CouchErrors.IsTransient(answer.StatusCode))
        {
            return new TransientAnswerException($"the server answered {(int)answer.StatusCode} {answer.ReasonPhrase}")
            {
                NothingDone = answer.StatusCode == HttpStatusCode.TooManyRequests,
                After = answer.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - DateTimeOffset.UtcNow : null,
            };
        }

        using var body = await OpenBodyAsync(answer, cancellationToken);
        var failure = await CouchErrors.OfAnswerAsync(answer, body, Store, what, authorization is not null, cancellationToken);
        if (failure.ErrorId == ErrorIds.LoginRefused)
        {
            refused = failure;
        }

        return failure;
    }

    /// <summary>Sends one request, once; the answer has come whatever its status, its body not yet read.</summary>
    public async Task<HttpResponseMessage> ExchangeAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        if (refused is not null)
        {
            throw refused;
        }

        if (pace is not null)
        {
            await Task.Delay(pace.Take(Stopwatch.GetElapsedTime(0)), cancellationToken);
        }

        using var request = new HttpRequestMessage(method, AddressOf(path)) { Content = content };
        request.Headers.Authorization = authorization;
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        if (content is MovingContent body)
        {
            // A large body on a slow line travels for as long as it moves.
            body.Moved = () => limit.CancelAfter(options.Timeout);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"no answer within {options.Timeout.TotalSeconds:0.#} s", exception);
        }

        IsCouchDb |= answer.Headers.Server.Any(product => product.Product?.Name == "CouchDB");
        return answer;
    }

    /// <summary>The answer's body, which gives up when no byte arrives for as long as configured.</summary>
    public async Task<Stream> OpenBodyAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        new StallGuardStream(await answer.Content.ReadAsStreamAsync(cancellationToken), options.Timeout);

    /// <summary>Reads an answer's body whole.</summary>
    public async Task<byte[]> ReadAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        using var stream = await OpenBodyAsync(answer, cancellationToken);
        using var bytes = new MemoryStream((int)Math.Clamp(answer.Content.Headers.ContentLength ?? 4096, 0, 1 << 28));
        await stream.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    private Uri AddressOf(string path) =>
        path.Contains(CouchNames.EscapedDot, StringComparison.Ordinal) ? new Uri(root + path, AsItIs) : new Uri(root + path);

    public void Dispose()
    {
        client.Dispose();
        opening.Dispose();
        turn.Dispose();
    }
}
