using IntegrityTools.CouchDb.Repair;

namespace IntegrityTools.Tests.Repair;

/// <summary>A writer that falls asleep before its first write, as a process does under SIGSTOP.</summary>
internal sealed class SleepingWriter(IRevisionWriter inner) : IRevisionWriter
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource awake = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => reached.Task;

    public void Wake() => awake.SetResult();

    public async Task<IReadOnlyList<WriteOutcome>> WriteAsync(IReadOnlyList<NewRevision> revisions, CancellationToken cancellationToken)
    {
        reached.TrySetResult();
        await awake.Task;
        return await inner.WriteAsync(revisions, cancellationToken);
    }
}
