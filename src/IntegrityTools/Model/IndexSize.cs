namespace IntegrityTools.Model;

/// <summary>The size of a design document's view index.</summary>
/// <param name="FileSize">Bytes of its files.</param>
/// <param name="ActiveSize">Bytes in them that are in use.</param>
public sealed record IndexSize(long FileSize, long ActiveSize);
