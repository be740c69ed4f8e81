using System.Text;
using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>Reads sqlite_schema from its pages.</summary>
internal sealed class SchemaRows(PageFile file, PageAtlas atlas, TextEncoding encoding)
{
    private readonly byte[] page = new byte[file.PageSize];
    private readonly RecordLayout layout = new();

    /// <summary>What sqlite_schema's records look like.</summary>
    public static TableShape Shape { get; } = new(
        "sqlite_schema",
        1,
        [
            new("type", 'T', true, false, false), new("name", 'T', true, false, false), new("tbl_name", 'T', true, false, false),
            new("rootpage", 'I', false, false, false), new("sql", 'T', false, false, false),
        ])
    { RowIdName = "rowid", IsTaken = false };

    /// <summary>Whether a row could not be read, or bytes are left over that were one.</summary>
    public bool Damaged { get; private set; }

    /// <summary>The entries of some pages, the first of each name only.</summary>
    public IReadOnlyList<SchemaEntry> Read(IEnumerable<uint> pages)
    {
        var entries = new Dictionary<(string, string), SchemaEntry>();
        var payloads = new PayloadReader(file, atlas);
        foreach (var number in pages)
        {
            if (!file.Read(number, page))
            {
                continue;
            }

            var view = BtreePage.As(PageKind.TableLeaf, page, number, file.Usable);
            Damaged |= !PageAccount.IsBalanced(view);
            for (var index = 0; index < view.CellCount && view.PointerEnd <= file.Usable; index++)
            {
                if (!view.TryCell(index, out var cell) || Entry(payloads, cell) is not { } entry)
                {
                    Damaged = true;
                    continue;
                }

                entries.TryAdd((entry.Type, entry.Name), entry);
            }
        }

        return [.. entries.Values];
    }

    private SchemaEntry? Entry(PayloadReader payloads, in Cell cell)
    {
        var record = payloads.Read(page, cell, out var fault);
        if (fault is not null || !layout.TryRead(record, cell.PayloadLength) || layout.Count != 5)
        {
            return null;
        }

        var (type, name, table, sql) = (Text(0, record), Text(1, record), Text(2, record), Text(4, record));
        var root = layout.IsInteger(3) ? layout.Integer(3, record) : 0;
        return type is not ("table" or "index" or "view" or "trigger") || name is null || table is null
            ? null
            : new SchemaEntry(type, name, table, root is > 0 and <= uint.MaxValue ? (uint)root : 0, sql);
    }

    private string? Text(int field, ReadOnlySpan<byte> record)
    {
        if (!layout.IsText(field))
        {
            return null;
        }

        var bytes = layout.Bytes(field, record);
        return (encoding switch
        {
            TextEncoding.Utf16Le => Encoding.Unicode,
            TextEncoding.Utf16Be => Encoding.BigEndianUnicode,
            _ => Encoding.UTF8,
        }).GetString(bytes);
    }
}
