using System.Buffers;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>Holds a body that a merge has made against the configured rules, as any document before it is written. Safe for use by several threads.</summary>
internal sealed class MergeCheck
{
    private readonly Lock gate = new();
    private readonly IReadOnlyList<string> typeFields;
    private readonly FieldCheck fields;
    private readonly SchemaCheck? schemas;

    private MergeCheck(IReadOnlyList<string> typeFields, FieldCheck fields, SchemaCheck? schemas)
    {
        this.typeFields = typeFields;
        this.fields = fields;
        this.schemas = schemas;
    }

    /// <summary>Reads the configured schemas.</summary>
    public static async Task<MergeCheck> LoadAsync(ICouchSource source, ValidationSettings validation, IReadOnlyList<string> typeFields, CancellationToken cancellationToken) =>
        new(typeFields, new FieldCheck(validation), validation.CheckSchemas ? await SchemaCheck.LoadAsync(source, validation, cancellationToken).ConfigureAwait(false) : null);

    /// <summary>Which rule the merged document breaks though every document that is in it keeps it, as a sentence; null: none.</summary>
    /// <param name="kept">The revision that gets the body.</param>
    /// <param name="merged">The body.</param>
    /// <param name="from">The revisions that are in it.</param>
    public string? WhyNot(DocumentRevision kept, RawJson merged, IEnumerable<DocumentRevision> from)
    {
        var buffer = new ArrayBufferWriter<byte>(merged.Utf8.Length + 256);
        DocumentText.WriteUpdate(new NewRevision(kept, false, merged, DocumentText.AttachmentsOf(kept.Body)), buffer);
        lock (gate)
        {
            var faults = Faults(buffer.WrittenMemory, out var unusable);
            if (unusable is not null)
            {
                return $"What is merged cannot be held against the schema of {unusable.DocumentType}: {unusable.Reason.TrimEnd('.')}.";
            }

            foreach (var revision in faults.Count == 0 ? [] : from)
            {
                var had = Faults(revision.Body.Utf8, out _).Select(fault => (fault.Path, fault.Rule)).ToHashSet();
                faults.RemoveAll(fault => had.Contains((fault.Path, fault.Rule)));
            }

            return faults.Count == 0 ? null
                : $"What is merged would break a rule that none of the merged breaks: {string.Join("; ", faults.Take(3).Select(fault => $"{fault.Path}: expected {fault.Expected} ({fault.Rule})"))}.";
        }
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
