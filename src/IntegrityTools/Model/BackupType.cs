using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What is backed up.</summary>
[JsonConverter(typeof(CodeConverter<BackupType>))]
public enum BackupType
{
    /// <summary>A store.</summary>
    Store,

    /// <summary>The tool's own configuration, the files that it names, and the configured files of applications.</summary>
    Configuration,
}
