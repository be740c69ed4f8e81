using System.Net.Sockets;
using System.Text;
using IntegrityTools.CouchDb.Client;
using IntegrityTools.Tests.Engines;

namespace IntegrityTools.Tests.CouchDb;

public sealed class GatheringStreamTests
{
    private const int Kilobyte = 1024;
    private int pauses;

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(200_000)]
    public async Task What_is_read_is_what_was_sent_however_it_is_cut(int asked)
    {
        var sent = Bytes(500 * Kilobyte);
        await using var stream = Over(new Trickle(sent, 1500));
        var received = new MemoryStream();
        var buffer = new byte[asked];
        for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
        {
            received.Write(buffer, 0, count);
        }

        Assert.Equal(sent, received.ToArray());
    }

    [Fact]
    public async Task A_short_answer_is_taken_as_it_comes()
    {
        await using var stream = Over(new Trickle(Bytes(64 * Kilobyte), 1500));
        await stream.CopyToAsync(Stream.Null);
        Assert.Equal(0, pauses);
    }

    [Fact]
    public async Task A_long_answer_in_small_pieces_is_waited_for()
    {
        await using var stream = Over(new Trickle(Bytes(100 * Kilobyte), Kilobyte));
        await stream.CopyToAsync(Stream.Null);
        Assert.Equal(100 - 64, pauses);
    }

    [Fact]
    public async Task Behind_the_end_of_a_long_answer_in_chunks_nothing_is_waited_for()
    {
        await using var stream = Over(new Trickle([.. Bytes(70 * Kilobyte), .. "\r\n0\r\n\r\n"u8], Kilobyte));
        await stream.CopyToAsync(Stream.Null);
        Assert.Equal(70 - 64, pauses);
    }

    [Fact]
    public async Task A_long_answer_in_large_pieces_is_not()
    {
        await using var stream = Over(new Trickle(Bytes(1000 * Kilobyte), 100 * Kilobyte));
        await stream.CopyToAsync(Stream.Null);
        Assert.Equal(0, pauses);
    }

    [Fact]
    public async Task With_a_request_a_new_answer_begins()
    {
        var connection = new Trickle(Bytes(100 * Kilobyte), Kilobyte);
        await using var stream = Over(connection);
        var buffer = new byte[Kilobyte];
        for (var row = 0; row < 60; row++)
        {
            await stream.ReadExactlyAsync(buffer);
        }

        await stream.WriteAsync(new byte[10]);
        await stream.CopyToAsync(Stream.Null);
        Assert.Equal((0, 10), (pauses, connection.Written));
    }

    [Fact]
    public async Task A_reader_that_is_called_off_while_it_waits_ends()
    {
        using var stop = new CancellationTokenSource();
        await using var stream = new GatheringStream(new Trickle(Bytes(100 * Kilobyte), Kilobyte), async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.CopyToAsync(Stream.Null, stop.Token));
    }

    [Fact]
    public async Task To_ask_whether_anything_has_come_takes_nothing_away()
    {
        var sent = Bytes(10);
        await using var stream = Over(new Trickle(sent, 10));
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        var received = new byte[10];
        await stream.ReadExactlyAsync(received);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task A_connection_that_the_server_closed_behind_a_long_answer_takes_no_other_request()
    {
        var closed = new TaskCompletionSource();
        using var server = new AnsweringServer(async (_, number, stream) =>
        {
            var answer = Bytes(number == 1 ? 200 * Kilobyte : 2);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {answer.Length}\r\n\r\n"));
            foreach (var piece in answer.Chunk(1500))
            {
                await stream.WriteAsync(piece);
            }

            stream.Socket.Shutdown(SocketShutdown.Send);
            closed.TrySetResult();
        });
        using var client = new HttpClient(new SocketsHttpHandler
        {
            PlaintextStreamFilter = (connection, _) => ValueTask.FromResult<Stream>(new GatheringStream(connection.PlaintextStream)),
        });

        Assert.Equal(200 * Kilobyte, (await client.GetByteArrayAsync(server.Address)).Length);
        await closed.Task;
        using var body = new ByteArrayContent(new byte[300]);
        using var second = await client.PostAsync(server.Address, body);

        Assert.Equal((200, 2), ((int)second.StatusCode, server.Requests));
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private GatheringStream Over(Stream connection) => new(connection, _ =>
    {
        pauses++;
        return Task.CompletedTask;
    });

    /// <summary>A connection that gives no more than so much at a time.</summary>
    private sealed class Trickle(byte[] sent, int most) : MemoryStream(sent)
    {
        public int Written { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written += buffer.Length;
            return ValueTask.CompletedTask;
        }
    }
}
