using System.Text.Json.Serialization;

namespace IntegrityTools.Model;

/// <summary>What became of one step of maintenance.</summary>
[JsonConverter(typeof(CodeConverter<MaintenanceOutcome>))]
public enum MaintenanceOutcome
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>There was nothing to do.</summary>
    Nothing,

    /// <summary>Left undone; the message says why and what to do.</summary>
    Left,

    /// <summary>A dry run: it would be tried.</summary>
    WouldRun,
}
