using System.Text;
using IntegrityTools.Model;

namespace IntegrityTools.Cli.Output;

/// <summary>
/// Standard output and standard error, and what they are: a window or a pipe. Data goes to the first, everything else to the second;
/// where both are one window, the progress line makes way for text.
/// </summary>
internal sealed class Terminal : IDisposable
{
    private const int UsualWidth = 80;

    private readonly Lock gate = new();
    private readonly bool quiet;
    private readonly OutputBuffer data = new(Console.OpenStandardOutput());
    private readonly bool colourOutput;
    private readonly bool colourError;
    private ProgressLine? progress;

    public Terminal(bool noColour, bool quiet)
    {
        this.quiet = quiet;
        var colour = !noColour && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb"
            && (!OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("WT_SESSION") is not null);
        colourOutput = colour && !Console.IsOutputRedirected;
        colourError = colour && !Console.IsErrorRedirected;
        Text = new StreamWriter(data, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4096, leaveOpen: true) { NewLine = "\n" };
    }

    /// <summary>Standard output for bytes.</summary>
    public Stream Data => data;

    /// <summary>The columns of standard output; null on a pipe, where nothing is shortened.</summary>
    public int? Width { get; } = Console.IsOutputRedirected ? null : WindowWidth();

    /// <summary>Whether standard error is a window.</summary>
    public static bool ErrorIsWindow => !Console.IsErrorRedirected;

    /// <summary>Why standard output could not be written; null while it can.</summary>
    public Exception? OutputFailure => data.Failure;

    private TextWriter Text { get; }

    /// <summary>Progress on standard error; null with --quiet.</summary>
    public IProgress<WorkProgress>? Progress => quiet ? null : progress ??= new ProgressLine(this);

    /// <summary>Text for standard output.</summary>
    public void Write(string line)
    {
        lock (gate)
        {
            progress?.Clear();
            Text.Write(line);
            Text.Write('\n');
        }
    }

    /// <summary>An empty line for standard output.</summary>
    public void Write() => Write(string.Empty);

    /// <summary>Something worth knowing, for standard error, wrapped to the window; nothing with --quiet.</summary>
    public void Note(string text)
    {
        foreach (var line in Lines(text, ErrorIsWindow ? WindowWidth() : int.MaxValue))
        {
            Hint(line);
        }
    }

    /// <summary>A line to be copied as it is, for standard error; nothing with --quiet.</summary>
    public void Hint(string line)
    {
        if (!quiet)
        {
            Complain(line);
        }
    }

    /// <summary>Something that must be known, for standard error.</summary>
    public void Complain(string line)
    {
        lock (gate)
        {
            progress?.Clear();
            Flush();
            WriteError(line + Environment.NewLine);
        }
    }

    /// <summary>A text under its label for standard error, wrapped to the window; line breaks of its own stay.</summary>
    public void Explain(string label, string text, bool alarming = false)
    {
        var room = ErrorIsWindow ? Math.Max(20, WindowWidth() - label.Length - 1) : int.MaxValue;
        var head = alarming && colourError ? $"\u001b[{(int)Tone.Bad}m{label}\u001b[0m" : label;
        foreach (var line in Lines(text, room))
        {
            Complain($"{head} {line}");
            head = new string(' ', label.Length);
        }
    }

    /// <summary>A changing line at the window's bottom; it does not move on.</summary>
    public void Redraw(string text)
    {
        lock (gate)
        {
            Flush();
            WriteError($"\r\u001b[2K{TerminalText.Fit(text, WindowWidth() - 1)}");
        }
    }

    /// <summary>Removes the changing line.</summary>
    public static void Erase() => WriteError("\r\u001b[2K");

    /// <summary>Sends what was written so far on its way.</summary>
    public void Flush()
    {
        lock (gate)
        {
            Text.Flush();
            data.Send();
        }
    }

    public string Paint(string text, Tone tone) => colourOutput && tone != Tone.Plain ? $"\u001b[{(int)tone}m{text}\u001b[0m" : text;

    public void Dispose()
    {
        progress?.Clear();
        Flush();
        Text.Dispose();
        data.Dispose();
    }

    // What a document is called, or an error says of it, must not move the cursor.
    private static IEnumerable<string> Lines(string text, int room) =>
        text.Split('\n').SelectMany(line => TerminalText.Wrap(TerminalText.Clean(line.TrimEnd('\r')), room));

    private static void WriteError(string text)
    {
        try
        {
            Console.Error.Write(text);
        }
        catch (Exception failure) when (OutputBuffer.IsOfOutput(failure))
        {
            // Standard error is closed or full: nobody reads it, and there is no other place to say so.
        }
    }

    private static int WindowWidth()
    {
        var width = Console.WindowWidth;
        return width > 0 ? width : UsualWidth;
    }
}
