using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What a backup holds.</summary>
[JsonConverter(typeof(CodeConverter<BackupMode>))]
public enum BackupMode
{
    /// <summary>The whole store.</summary>
    Full,

    /// <summary>What changed since its parent: restored together with all that it builds on.</summary>
    Incremental,

    /// <summary>The files of a store that failed its check, byte for byte: evidence to salvage from, no backup to rely on.</summary>
    Forensic,

    /// <summary>What a restore replaced: restoring it takes that restore back.</summary>
    SetAside,
}
