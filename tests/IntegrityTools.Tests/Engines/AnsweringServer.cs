using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IntegrityTools.Tests.Engines;

/// <summary>A TCP server that reads one request a connection and hands it to the test, which writes the answer, or a part of one, or cuts.</summary>
internal sealed class AnsweringServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, int, NetworkStream, Task> answer;
    private int requests;

    public AnsweringServer(Func<string, int, NetworkStream, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    public int Requests => Volatile.Read(ref requests);

    /// <summary>Answers every request with one text.</summary>
    public static AnsweringServer Always(int status, string contentType, string body) =>
        new((_, _, stream) => WriteAsync(stream, status, contentType, body));

    public static async Task WriteAsync(NetworkStream stream, int status, string contentType, string body, string server = "test", string headers = "")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = $"HTTP/1.1 {status} X\r\nServer: {server}\r\nContent-Type: {contentType}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n{headers}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        await stream.WriteAsync(bytes);
    }

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
        {
            var stream = client.GetStream();
            var buffer = new byte[64 * 1024];
            var count = await stream.ReadAsync(buffer);
            if (count > 0)
            {
                await answer(Encoding.ASCII.GetString(buffer, 0, count), Interlocked.Increment(ref requests), stream);
            }
        }
    }
}
