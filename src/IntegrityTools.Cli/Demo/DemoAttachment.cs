namespace IntegrityTools.Cli.Demo;

/// <summary>An attachment with its bytes.</summary>
internal sealed record DemoAttachment(string Name, string ContentType, byte[] Bytes);
