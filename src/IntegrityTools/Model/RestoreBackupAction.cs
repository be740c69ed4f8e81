using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>Gives back from a backup what is not in the store: of CouchDB the documents that it has not, of SQLite the whole file.</summary>
public sealed record RestoreBackupAction : RepairAction
{
    /// <summary>The backup's id.</summary>
    public required string BackupId { get; init; }

    /// <summary>The backup's manifest; what it builds on lies beside it.</summary>
    public required string ManifestPath { get; init; }

    /// <summary>Only these subjects; empty: all.</summary>
    public IReadOnlyList<string> Subjects { get; init => field = Indexable.Of(value); } = [];

    /// <summary>True when the store is made for it, so that it gets the settings that were saved, too.</summary>
    public bool Creates { get; init; }

    /// <summary>True when what cannot be read of another program's dump is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool SkipDamaged { get; init; }

    /// <summary>Of SQLite: true to replace the file although another process has it open, which then goes on with the old one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WhileOpen { get; init; }
}
