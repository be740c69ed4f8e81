using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Validation;

namespace IntegrityTools.CouchDb.Scanning;

/// <summary>
/// A digest of all by which documents are judged: while it is the same, a document that was not changed has no other issues than it had. Schemas
/// count with their content. Files to which a schema refers do not: they are not known before they are needed.
/// </summary>
internal static class ScanRules
{
    /// <summary>The digest, hex.</summary>
    public static async Task<string> DigestAsync(
        ICouchSource source, ResolutionSettings resolution, ValidationSettings validation, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, ToolVersion.Text);
        Add(hash, JsonSerializer.Serialize(
            [.. resolution.TypeFields, "critical", .. resolution.CriticalFields, "high", .. resolution.HighFields, "medium", .. resolution.MediumFields, "version", .. resolution.VersionFields, "checksum", .. resolution.ChecksumFields, "stamp", .. resolution.StampFields], TextJson.Default.StringArray));
        Add(hash, $"{validation.CheckReferences} {validation.CheckSchemas} {validation.StrictMode}");
        Add(hash, JsonSerializer.Serialize([.. validation.KnownTypes], TextJson.Default.StringArray));
        foreach (var (type, fields) in validation.RequiredFields.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, JsonSerializer.Serialize([type, .. fields], TextJson.Default.StringArray));
        }

        foreach (var rule in validation.References)
        {
            Add(hash, JsonSerializer.Serialize([rule.DocumentType, rule.Path, rule.TargetType ?? ""], TextJson.Default.StringArray));
        }

        foreach (var (place, text) in (await SchemaCheck.ReadTextsAsync(source, validation, cancellationToken)).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, place);
            hash.AppendData(SHA256.HashData(text.Utf8.Span));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void Add(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
}
