using System.Management.Automation;

namespace IntegrityTools.PowerShell.Abstractions;

/// <summary>
/// Frees PowerShell's console when Ctrl+C met it drawing. To draw beside a progress bar it asks the terminal where the cursor is. The key
/// makes the terminal's driver throw away what it holds (termios(3): no NOFLSH), the answer among it, and .NET waits for one without end
/// (dotnet/corefx#30674, PowerShell/PowerShell#12814). Asked once more, the terminal answers once more.
/// </summary>
internal sealed class CursorQuestion
{
    // A drawing that goes on is done by then.
    private static readonly TimeSpan Drawn = TimeSpan.FromMilliseconds(250);

    // Any terminal has answered by then, also one far away. Both together are less than a second.
    private static readonly TimeSpan Answered = TimeSpan.FromMilliseconds(350);

    // A second Ctrl+C may cost another answer.
    private const int MostQuestions = 3;

    private object? drawing;

    /// <summary>Lets a cmdlet write what may reach the console.</summary>
    public void Draw(Cmdlet cmdlet, Action<Cmdlet> draw)
    {
        Volatile.Write(ref drawing, draw);
        try
        {
            draw(cmdlet);
        }
        finally
        {
            Volatile.Write(ref drawing, null);
        }
    }

    /// <summary>After a stop: when the same drawing does not end, and somebody waits for an answer, asks in the waiting thread's place.</summary>
    public async Task AskAgainAsync()
    {
        if (Volatile.Read(ref drawing) is not { } stuck || OperatingSystem.IsWindows() || Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            return;
        }

        await Task.Delay(Drawn).ConfigureAwait(false);
        if (!ReferenceEquals(Volatile.Read(ref drawing), stuck))
        {
            return;
        }

        // One question is dealt with at a time, so an own one gets its turn unless somebody waits: a slow command downstream is none of
        // this, and an answer that nobody waits for would be typed text.
        var turn = Task.Run(Console.GetCursorPosition);
        for (var asked = 0; asked < MostQuestions && await Task.WhenAny(turn, Task.Delay(Answered)).ConfigureAwait(false) != turn; asked++)
        {
            Console.Out.Write("\e[6n");
        }
    }
}
