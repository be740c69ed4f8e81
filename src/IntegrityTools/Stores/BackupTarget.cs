using IntegrityTools.Configuration;

namespace IntegrityTools.Stores;

/// <summary>A store to be saved or restored into, with what opens it.</summary>
/// <param name="Reference">Which store.</param>
/// <param name="Credential">The user's name and password; null: none.</param>
/// <param name="Configuration">The configuration, for bounds.</param>
public sealed record BackupTarget(StoreReference Reference, StoreCredential? Credential, IntegrityConfiguration Configuration);
