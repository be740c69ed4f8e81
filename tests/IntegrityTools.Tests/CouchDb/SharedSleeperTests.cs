using IntegrityTools.CouchDb.Client;
using IntegrityTools.CouchDb.Sharing;
using IntegrityTools.Tests.Repair;
using static IntegrityTools.Tests.CouchDb.SharedScanData;

namespace IntegrityTools.Tests.CouchDb;

/// <summary>Workers of a shared scan that were asleep while others went on.</summary>
public class SharedSleeperTests
{
    [SkippableFact]
    public async Task A_worker_that_slept_past_its_time_writes_no_claim_over_anothers()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var (night, day) = (new StandingClock(), new StandingClock());
        await using var sleeper = await new SharedBeginning(client, night).TakePartAsync(Wanted, "rules", default);
        await using var other = await new SharedBeginning(client, day).TakePartAsync(Wanted, "rules", default);
        var slept = (await sleeper.ClaimAsync(default))!;
        Assert.Equal(1, (await other.ClaimAsync(default))!.Claim.Part);
        await other.RenewAsync(default);
        Assert.False(slept.CalledOff.IsCancellationRequested);

        // The sleeper's time is over, and another takes its part over.
        await using var heir = await new SharedBeginning(client, day.After(TimeSpan.FromSeconds(61))).TakePartAsync(Wanted, "rules", default);
        await other.RenewAsync(default);
        Assert.Equal(new SharedClaim(0, 2), (await heir.ClaimAsync(default))!.Claim);

        night.Now += TimeSpan.FromSeconds(61);
        await sleeper.RenewAsync(default);

        Assert.True(slept.CalledOff.IsCancellationRequested);
        Assert.Equal(["0/2", "1/1"], (await ClaimsAsync(place)).Order(StringComparer.Ordinal));
        await sleeper.DoneAsync(slept, default);
        Assert.Equal((0, 2L), (sleeper.Share.PartsHere, (await sleeper.ClaimAsync(default))!.Claim.Part));
    }

    [SkippableFact]
    public async Task A_worker_that_slept_and_whose_part_nobody_took_goes_on_with_it()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var night = new StandingClock();
        await using var sleeper = await new SharedBeginning(client, night).TakePartAsync(Wanted, "rules", default);
        var slept = (await sleeper.ClaimAsync(default))!;

        night.Now += TimeSpan.FromSeconds(61);
        await sleeper.RenewAsync(default);
        Assert.False(slept.CalledOff.IsCancellationRequested);
        await sleeper.DoneAsync(slept, default);

        Assert.Equal(1, sleeper.Share.PartsHere);
    }

    [SkippableFact]
    public async Task A_worker_that_slept_through_the_end_does_not_touch_the_next_scan_of_that_name()
    {
        await using var place = await ServerPlace.WithAsync(Rules, real: true);
        await FillAsync(place);
        using var client = new CouchClient(place.Server.Address, place.Database, place.Server.Credential);
        var night = new StandingClock();
        await using var sleeper = await new SharedBeginning(client, night).TakePartAsync(Wanted, "rules", default);
        var slept = (await sleeper.ClaimAsync(default))!;
        await using var other = await new SharedBeginning(client, new StandingClock().After(TimeSpan.FromSeconds(61))).TakePartAsync(Wanted, "rules", default);
        while (await other.ClaimAsync(default) is { } work)
        {
            await other.DoneAsync(work, default);
        }

        await other.LeaveAsync(default);
        Assert.Empty(await LocalsAsync(place));
        await using var next = await new SharedBeginning(client, new StandingClock()).TakePartAsync(Wanted, "rules", default);
        await next.ClaimAsync(default);
        var before = await LocalsAsync(place);

        night.Now += TimeSpan.FromSeconds(61);
        await sleeper.RenewAsync(default);
        await sleeper.DoneAsync(slept, default);
        Assert.Null(await sleeper.ClaimAsync(default));
        await sleeper.LeaveAsync(default);

        Assert.Equal((true, true), (slept.CalledOff.IsCancellationRequested, sleeper.EndedWithoutIt));
        Assert.Equal(before, await LocalsAsync(place));
        Assert.NotEqual(sleeper.ScanId, next.ScanId);
    }

    private static async Task<IEnumerable<string>> ClaimsAsync(ServerPlace place) => (await RowsAsync(place))
        .Where(row => row.GetProperty("doc").TryGetProperty("claim", out _)).Select(row => row.GetProperty("doc").GetProperty("claim"))
        .Select(claim => $"{claim.GetProperty("part")}/{claim.GetProperty("turn")}");
}
