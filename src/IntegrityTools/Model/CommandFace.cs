namespace IntegrityTools.Model;

/// <summary>How people reach the engine in this process, and so in which words a message names a command.</summary>
public enum CommandFace
{
    /// <summary>Not known: messages name the command line's verb and the cmdlet.</summary>
    Any,

    /// <summary>The command line, <c>integrity</c>.</summary>
    CommandLine,

    /// <summary>The cmdlets.</summary>
    PowerShell,
}
