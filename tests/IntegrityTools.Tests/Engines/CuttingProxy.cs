using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IntegrityTools.Tests.Engines;

/// <summary>Where a <see cref="CuttingProxy"/> cuts the connection of a request.</summary>
internal enum Cut
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Before the request reaches the server.</summary>
    Request,

    /// <summary>After the server has done what was asked: its answer is lost.</summary>
    Answer,

    /// <summary>In the middle of the answer.</summary>
    HalfAnswer,

    /// <summary>Before the request reaches the server: a page in HTML is answered instead.</summary>
    Page,

    /// <summary>Before the request reaches the server: 503 is answered instead, as of a server that is starting or overloaded.</summary>
    Busy,
}

/// <summary>A TCP proxy before a real server: it sees each request's first line, and cuts connections where a network would.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private const int HalfAnswerBytes = 700;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Uri server;
    private readonly Func<string, Task<Cut>> decide;
    private readonly TimeSpan pause;
    private readonly ConcurrentQueue<string> requests = new();
    private int open;
    private int most;

    /// <param name="server">The server behind it.</param>
    /// <param name="decide">What becomes of a request, by its first line; null: nothing is cut.</param>
    /// <param name="pause">How long it rests after each 64 KiB of a request: a slow line.</param>
    public CuttingProxy(Uri server, Func<string, Task<Cut>>? decide = null, TimeSpan pause = default)
    {
        this.server = server;
        this.pause = pause;
        listener.Server.ReceiveBufferSize = 1 << 16;
        this.decide = decide ?? (_ => Task.FromResult(Cut.None));
        listener.Start();
        Authority = listener.LocalEndpoint.ToString()!;
        _ = AcceptAsync();
    }

    /// <summary>Host and port.</summary>
    public string Authority { get; }

    /// <summary>The first lines of all requests, in their order.</summary>
    public IReadOnlyCollection<string> Requests => requests;

    /// <summary>How many connections were open at one time, at most.</summary>
    public int MostConnections => most;

    public void Dispose() => listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var upstream = new TcpClient())
        {
            try
            {
                InterlockedMax(Interlocked.Increment(ref open));
                await upstream.ConnectAsync(server.Host, server.Port);
                var cut = new StrongBox<Cut>(Cut.None);
                await Task.WhenAny(RequestsAsync(client.GetStream(), upstream.GetStream(), cut), AnswersAsync(upstream.GetStream(), client.GetStream(), cut));
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // The server is gone, so the client's connection is closed.
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        }
    }

    private void InterlockedMax(int now)
    {
        for (int known; (known = most) < now && Interlocked.CompareExchange(ref most, now, known) != known;)
        {
        }
    }

    private async Task RequestsAsync(NetworkStream from, NetworkStream to, StrongBox<Cut> cut)
    {
        var buffer = new byte[1 << 16];
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
        {
            // A client waits for an answer before it sends another request, so a request begins where a read does.
            var text = Encoding.ASCII.GetString(buffer, 0, Math.Min(count, 400));
            if (text.Split('\r')[0] is var line && line.EndsWith(" HTTP/1.1", StringComparison.Ordinal))
            {
                requests.Enqueue(line);
                cut.Value = await decide(line);
                if (cut.Value == Cut.Request)
                {
                    return;
                }

                if (cut.Value is Cut.Page or Cut.Busy)
                {
                    await (cut.Value == Cut.Page
                        ? AnsweringServer.WriteAsync(from, 200, "text/html", "<html>Sign in")
                        : AnsweringServer.WriteAsync(from, 503, "application/json", """{"error":"service_unavailable","reason":"starting"}"""));
                    while (await from.ReadAsync(buffer) > 0)
                    {
                        // Read to the end: what is not read when a connection is closed can take the answer with it.
                    }

                    return;
                }
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
            await Task.Delay(pause);
        }
    }

    private static async Task AnswersAsync(NetworkStream from, NetworkStream to, StrongBox<Cut> cut)
    {
        var buffer = new byte[1 << 16];
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
        {
            if (cut.Value != Cut.None)
            {
                await to.WriteAsync(buffer.AsMemory(0, cut.Value == Cut.Answer ? 0 : Math.Min(count, HalfAnswerBytes)));
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private sealed class StrongBox<T>(T value)
    {
        public T Value { get; set; } = value;
    }
}
