using System.Runtime.CompilerServices;

namespace IntegrityTools.Cli.Output;

/// <summary>Reading streams for an output that is buffered.</summary>
internal static class Streaming
{
    /// <summary>The items as they come; whenever the next one is not there yet, what was written so far is sent on its way.</summary>
    public static async IAsyncEnumerable<T> FlushingAsync<T>(
        this IAsyncEnumerable<T> items, Terminal terminal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = items.GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = reader.MoveNextAsync();
            if (!next.IsCompleted)
            {
                terminal.Flush();
            }

            if (!await next.ConfigureAwait(false))
            {
                yield break;
            }

            yield return reader.Current;
        }
    }
}
