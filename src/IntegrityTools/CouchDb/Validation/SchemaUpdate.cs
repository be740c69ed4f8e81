using System.Buffers;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Repair;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>What the configured migrations make of a document, and whether it is right then.</summary>
internal sealed class SchemaUpdate(ValidationSettings validation, IReadOnlyList<string> typeFields, FieldCheck fields, SchemaCheck? schemas)
{
    /// <summary>The body after the migrations; null: no step changes anything.</summary>
    /// <param name="document">The document.</param>
    /// <param name="coerced">True when a step changed a value's type.</param>
    /// <param name="left">The first thing that is wrong with it even then; null: nothing.</param>
    public RawJson? Of(DocumentRevision document, out bool coerced, out string? left)
    {
        var body = DocumentFields.Own(document.Body);
        left = null;
        if (Migrations.Apply(body, DocumentTypes.Of(body, typeFields), validation.Migrations, out coerced) is not { } mended)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>(mended.Utf8.Length + 256);
        DocumentText.WriteUpdate(new NewRevision(document, false, mended, DocumentText.AttachmentsOf(document.Body)), buffer);
        var whole = DocumentFields.Parse(buffer.WrittenMemory);
        var types = DocumentTypes.Of(whole, typeFields);
        var fault = fields.MissingFields(types, whole).Concat(schemas?.Faults(types, whole) ?? []).FirstOrDefault();
        left = fault is null ? null : $"{fault.Path}: expected {fault.Expected}";
        return mended;
    }
}
