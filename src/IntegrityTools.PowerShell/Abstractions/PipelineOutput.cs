using System.Collections.Concurrent;
using System.Management.Automation;
using IntegrityTools.Model;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>
/// What work on other threads has to say to a pipeline, in order. Bounded: when the pipeline is slow, the work waits for it.
/// </summary>
public sealed class PipelineOutput : IProgress<WorkProgress>, IDisposable
{
    private const int Capacity = 256;

    private readonly BlockingCollection<Action<Cmdlet>> queue = new(Capacity);
    private readonly ProgressLine progress = new();
    private readonly CursorQuestion cursor = new();
    private readonly CancellationToken stopped;

    internal PipelineOutput(CancellationToken stopped) => this.stopped = stopped;

    /// <summary>Writes an object.</summary>
    public void Write(object value) => Post(cmdlet => cmdlet.WriteObject(value));

    /// <summary>Writes a warning.</summary>
    public void Warn(string message) => Post(cmdlet => cmdlet.WriteWarning(message));

    /// <summary>Writes for <c>-Verbose</c>.</summary>
    public void Tell(string message) => Post(cmdlet => cmdlet.WriteVerbose(message));

    /// <summary>Writes an error that does not end the pipeline.</summary>
    public void Fail(IntegrityException failure) => Post(cmdlet => cmdlet.WriteError(failure.ToErrorRecord()));

    /// <summary>Asks the pipeline's thread, and waits for the answer.</summary>
    public T Ask<T>(Func<Cmdlet, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(AnswerOnce, stopped);
        return answer.Task.WaitAsync(stopped).GetAwaiter().GetResult();

        void AnswerOnce(Cmdlet cmdlet)
        {
            try
            {
                answer.SetResult(question(cmdlet));
            }
            catch
            {
                // The pipeline's thread deals with it; for the work it is as if it were called off.
                answer.SetCanceled(CancellationToken.None);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Report(WorkProgress value)
    {
        // Progress is for the eye: what comes too fast, or while the pipeline is busy, is left out.
        if (!stopped.IsCancellationRequested && !queue.IsAddingCompleted && progress.Next(value) is { } record)
        {
            queue.TryAdd(Drawing(cmdlet => cmdlet.WriteProgress(record)));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => queue.Dispose();

    internal async Task CompleteAfterAsync(Func<PipelineOutput, CancellationToken, Task> work)
    {
        try
        {
            await work(this, stopped).ConfigureAwait(false);
        }
        finally
        {
            queue.CompleteAdding();
        }
    }

    internal void PumpTo(Cmdlet cmdlet)
    {
        using var stopping = stopped.UnsafeRegister(_ => _ = cursor.AskAgainAsync(), null);
        foreach (var action in queue.GetConsumingEnumerable(CancellationToken.None))
        {
            action(cmdlet);
        }

        if (progress.End() is { } record)
        {
            cursor.Draw(cmdlet, last => last.WriteProgress(record));
        }
    }

    internal void DiscardUntilEnd()
    {
        foreach (var unwanted in queue.GetConsumingEnumerable(CancellationToken.None))
        {
            _ = unwanted;
        }
    }

    private void Post(Action<Cmdlet> write) => queue.Add(Drawing(write), stopped);

    private Action<Cmdlet> Drawing(Action<Cmdlet> write) => cmdlet => cursor.Draw(cmdlet, write);
}
