namespace IntegrityTools.Cli.Output;

/// <summary>How text is coloured: the number is the terminal's own code.</summary>
internal enum Tone
{
    Plain = 0,
    Strong = 1,
    Faint = 2,
    Bad = 31,
    Good = 32,
    Warning = 33,
    Name = 36,
    Alarm = 91,
}
