using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IntegrityTools.Cli.Tests;

/// <summary>
/// Passes bytes on to a server until a request holds a word; from then on it still accepts and never answers, as a server does whose
/// disk hangs. Thawed, it serves new connections; what was frozen is never delivered.
/// </summary>
internal sealed class FreezingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Uri? server;
    private volatile string? word;
    private volatile bool frozen;

    /// <param name="server">The server; null when nothing is ever passed on.</param>
    public FreezingProxy(Uri? server = null)
    {
        this.server = server;
        listener.Start();
        Authority = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Authority { get; }

    public bool Frozen => frozen;

    public void FreezeAt(string request) => word = request;

    public void Thaw()
    {
        word = null;
        frozen = false;
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
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
                if (server is not null)
                {
                    await upstream.ConnectAsync(server.Host, server.Port, stop.Token);
                    _ = upstream.GetStream().CopyToAsync(client.GetStream(), stop.Token);
                }

                var buffer = new byte[1 << 16];
                for (int count; (count = await client.GetStream().ReadAsync(buffer, stop.Token)) > 0;)
                {
                    frozen |= word is { } awaited && Encoding.Latin1.GetString(buffer, 0, count).Contains(awaited, StringComparison.Ordinal);
                    if (frozen)
                    {
                        await Task.Delay(Timeout.Infinite, stop.Token);
                    }

                    await upstream.GetStream().WriteAsync(buffer.AsMemory(0, count), stop.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone.
            }
        }
    }
}
