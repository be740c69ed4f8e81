using IntegrityTools.Sqlite.Format;

namespace IntegrityTools.Sqlite.Salvage;

/// <summary>A table, or an index, as its records look: what tells whose page a page is.</summary>
internal sealed class TableShape(string name, uint root, IReadOnlyList<StoredField> fields)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its root page; 0: not known.</summary>
    public uint Root { get; } = root;

    /// <summary>The values of a record, in their order there.</summary>
    public IReadOnlyList<StoredField> Fields { get; } = fields;

    /// <summary>Whether its rows have no rowid, and lie in an index's tree.</summary>
    public bool WithoutRowId { get; init; }

    /// <summary>The table of an index; null for a table.</summary>
    public string? Table { get; init; }

    /// <summary>Whether it is an index: nothing of it is taken over, but its pages must be known as its.</summary>
    public bool IsIndex { get; init; }

    /// <summary>Whether nobody knows what its records look like: its pages are its own where its tree leads to them.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Whether its columns are only counted, since its definition cannot be used.</summary>
    public bool IsCounted { get; init; }

    /// <summary>A name under which the rowid can be inserted; null when a column is the rowid, or there is none.</summary>
    public string? RowIdName { get; init; }

    /// <summary>Whether its rows are taken over: not those of indexes, nor what the new database makes by itself.</summary>
    public bool IsTaken { get; set; } = true;

    /// <summary>Whether its rows lie in the order of an integer that comes first in the record and tells them apart.</summary>
    public bool HasIntegerKey { get; init; }

    /// <summary>Whether its rows lie in the order of one integer each.</summary>
    public bool HasKeys => !InIndexTree || HasIntegerKey;

    /// <summary>Whether its pages are those of an index's tree.</summary>
    public bool InIndexTree => IsIndex || WithoutRowId;

    /// <summary>From here on a score is that of a record with all columns, each of which holds what it is declared for; below it only may be the table's.</summary>
    public const int Like = 1 << 20;

    /// <summary>From here on a score is that of a record whose columns are like that as well, but lack the last: such a row is older than those.</summary>
    public const int Older = 1 << 19;

    /// <summary>How well a record suits it: 0 not at all, else the more the surer.</summary>
    public int Fit(RecordLayout record)
    {
        if (IsUnknown)
        {
            return 1;
        }

        if (record.Count > Fields.Count || (IsIndex && record.Count != Fields.Count))
        {
            return 0;
        }

        // Columns that were added later are missing in older records.
        var score = record.Count == Fields.Count ? 1 + Fields.Count : 1;
        var like = true;
        for (var index = 0; index < record.Count; index++)
        {
            var field = Fields[index];
            var isNull = record.IsNull(index);
            if (field.IsRowId)
            {
                if (!isNull)
                {
                    return 0;
                }

                score += 4;
                continue;
            }

            if (isNull)
            {
                if (field.NotNull)
                {
                    return 0;
                }

                continue;
            }

            var (text, blob) = (record.IsText(index), record.IsBlob(index));
            switch (field.Affinity)
            {
                case 'T' when !text && !blob:
                    return 0;
                case 'I' or 'R' when text || blob:
                    like = false;
                    break;
                case 'T' when text:
                case 'I' when record.IsInteger(index):
                case 'R' when !text && !blob:
                case 'N' when !text && !blob:
                    score += 2;
                    break;
                case 'B' when blob:
                    score++;
                    break;
            }
        }

        return !like ? score : record.Count == Fields.Count ? score + Like : score + Older;
    }
}
