using System.Buffers;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Holds a body that a repair would write against the configured rules. Safe for use by several threads.</summary>
internal sealed class RuleCheck(IReadOnlyList<string> typeFields, FieldCheck fields, SchemaCheck? schemas)
{
    private readonly Lock gate = new();

    /// <summary>Reads the configured schemas.</summary>
    public static async Task<RuleCheck> LoadAsync(ICouchSource source, ValidationSettings validation, IReadOnlyList<string> typeFields, CancellationToken cancellationToken) =>
        new(typeFields, new FieldCheck(validation), validation.CheckSchemas ? await SchemaCheck.LoadAsync(source, validation, cancellationToken).ConfigureAwait(false) : null);

    /// <summary>Which rule a body breaks though every document that is in it keeps it, as a sentence; null: none.</summary>
    /// <param name="kept">The revision that gets the body.</param>
    /// <param name="body">The body.</param>
    /// <param name="from">The revisions that are in it.</param>
    public string? WhyNot(DocumentRevision kept, RawJson body, IEnumerable<DocumentRevision> from)
    {
        lock (gate)
        {
            var faults = Faults(Whole(kept, body), out var unusable);
            if (unusable is not null)
            {
                return $"What would be written cannot be held against the schema of {unusable.DocumentType}: {unusable.Reason.TrimEnd('.')}.";
            }

            foreach (var revision in faults.Count == 0 ? [] : from)
            {
                var had = Faults(revision.Body.Utf8, out _).Select(fault => (fault.Path, fault.Rule)).ToHashSet();
                faults.RemoveAll(fault => had.Contains((fault.Path, fault.Rule)));
            }

            return faults.Count == 0 ? null
                : $"'{kept.Id}' would break a rule that is kept now: {string.Join("; ", faults.Take(3).Select(fault => $"{fault.Path}: expected {fault.Expected} ({fault.Rule})"))}.";
        }
    }

    /// <summary>The first thing that is wrong with a body; null: nothing.</summary>
    /// <param name="kept">The revision that gets the body.</param>
    /// <param name="body">The body.</param>
    public string? FirstFault(DocumentRevision kept, RawJson body)
    {
        lock (gate)
        {
            var fault = Faults(Whole(kept, body), out var unusable).FirstOrDefault();
            return fault is not null ? $"{fault.Path}: expected {fault.Expected}"
                : unusable is not null ? $"it cannot be held against the schema of {unusable.DocumentType}: {unusable.Reason.TrimEnd('.')}" : null;
        }
    }

    private static ReadOnlyMemory<byte> Whole(DocumentRevision kept, RawJson body)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Utf8.Length + 256);
        DocumentText.WriteUpdate(new NewRevision(kept, false, body, DocumentText.AttachmentsOf(kept.Body)), buffer);
        return buffer.WrittenMemory;
    }

    private List<FieldFault> Faults(ReadOnlyMemory<byte> utf8, out SchemaEvidence? unusable)
    {
        var document = DocumentFields.Parse(utf8);
        var types = DocumentTypes.Of(document, typeFields);
        List<FieldFault> faults = [.. fields.MissingFields(types, document), .. schemas?.Faults(types, document) ?? []];
        unusable = schemas?.UnusableOf(types);
        return faults;
    }
}
