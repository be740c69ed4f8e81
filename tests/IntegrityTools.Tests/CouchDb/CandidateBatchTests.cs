using System.Threading.Channels;
using IntegrityTools.CouchDb.Scanning;
using IntegrityTools.Stores;

namespace IntegrityTools.Tests.CouchDb;

public class CandidateBatchTests
{
    /// <summary>The feed ends while a batch waits for room: its conflicts must be read all the same.</summary>
    [Fact]
    public async Task No_candidate_is_lost_when_the_feed_ends_while_a_batch_waits_for_room()
    {
        var channel = Channel.CreateBounded<CandidateBatch>(1);
        var batches = new CandidateBatches(channel.Writer, new SettledFeed(new ScanStatistics()), 1000, TimeSpan.FromMilliseconds(10), default);
        await batches.AddAsync("a", default);
        Assert.True(await channel.Reader.WaitToReadAsync());
        await batches.AddAsync("b", default);
        await Task.Delay(100);

        var ended = batches.DisposeAsync().AsTask();
        Assert.False(ended.IsCompleted);
        var read = new List<string>((await channel.Reader.ReadAsync()).Ids);
        await ended;
        channel.Writer.Complete();
        await foreach (var batch in channel.Reader.ReadAllAsync())
        {
            read.AddRange(batch.Ids);
        }

        Assert.Equal(["a", "b"], read);
    }

    [Fact]
    public async Task Full_batches_are_handed_on_at_once_and_the_rest_by_a_flush()
    {
        var channel = Channel.CreateUnbounded<CandidateBatch>();
        await using (var batches = new CandidateBatches(channel.Writer, new SettledFeed(new ScanStatistics()), 2, TimeSpan.FromMinutes(1), default))
        {
            foreach (var id in new[] { "a", "b", "c" })
            {
                await batches.AddAsync(id, default);
            }

            Assert.Equal(["a", "b"], (await channel.Reader.ReadAsync()).Ids);
            await batches.FlushAsync(default);
        }

        Assert.Equal(["c"], (await channel.Reader.ReadAsync()).Ids);
        Assert.False(channel.Reader.TryRead(out _));
    }
}
