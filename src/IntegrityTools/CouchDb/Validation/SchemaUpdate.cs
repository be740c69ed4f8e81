using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Resolve;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Validation;

/// <summary>What the configured migrations make of a document, and whether it is right then.</summary>
internal sealed class SchemaUpdate(ValidationSettings validation, IReadOnlyList<string> typeFields, RuleCheck check)
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

        left = check.FirstFault(document, mended);
        return mended;
    }
}
