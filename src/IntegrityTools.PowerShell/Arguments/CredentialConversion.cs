using System.Management.Automation;
using IntegrityTools.Stores;

namespace IntegrityTools.PowerShell.Arguments;

/// <summary>Turns PowerShell's credential into the engine's.</summary>
internal static class CredentialConversion
{
    /// <summary>The credential, or null when none was given.</summary>
    public static StoreCredential? ToStoreCredential(this PSCredential? credential) =>
        credential is null || ReferenceEquals(credential, PSCredential.Empty)
            ? null
            : new StoreCredential(credential.UserName, credential.GetNetworkCredential().Password);
}
