using System.Collections.Concurrent;

namespace IntegrityTools.CouchDb.Schemas;

/// <summary>The properties of Unicode that a pattern may ask for with <c>\p{…}</c>: its general categories and scripts.</summary>
internal static class UnicodeProperties
{
    private static readonly ConcurrentDictionary<string, CodePoints> Known = new(StringComparer.Ordinal);

    // In the order of UnicodeCategory.
    private static readonly string[] Codes =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>The letters that have a property; null when it is not known.</summary>
    public static CodePoints? Of(string name)
    {
        var (kind, value) = name.IndexOf('=', StringComparison.Ordinal) is var sign and > 0 ? (name[..sign], name[(sign + 1)..]) : ("gc", name);
        return kind switch
        {
            "gc" or "General_Category" when Code(value) is var code && Array.Exists(Codes, known => IsIn(known, code)) =>
                Known.GetOrAdd(code, wanted => CodePoints.Of(category => IsIn(Codes[(int)category], wanted))),
            "sc" or "Script" => UnicodeScripts.Of(value),
            _ => null,
        };
    }

    private static bool IsIn(string category, string code) => code switch
    {
        "Any" => true,
        "Assigned" => category != "Cn",
        "LC" => category is "Lu" or "Ll" or "Lt",
        _ => category == code || (code.Length == 1 && category[0] == code[0]),
    };

    private static string Code(string name) => name switch
    {
        "Cased_Letter" => "LC",
        "Close_Punctuation" => "Pe",
        "Connector_Punctuation" => "Pc",
        "Control" or "cntrl" => "Cc",
        "Currency_Symbol" => "Sc",
        "Dash_Punctuation" => "Pd",
        "Decimal_Number" or "digit" => "Nd",
        "Enclosing_Mark" => "Me",
        "Final_Punctuation" => "Pf",
        "Format" => "Cf",
        "Initial_Punctuation" => "Pi",
        "Letter" => "L",
        "Letter_Number" => "Nl",
        "Line_Separator" => "Zl",
        "Lowercase_Letter" => "Ll",
        "Mark" or "Combining_Mark" => "M",
        "Math_Symbol" => "Sm",
        "Modifier_Letter" => "Lm",
        "Modifier_Symbol" => "Sk",
        "Nonspacing_Mark" => "Mn",
        "Number" => "N",
        "Open_Punctuation" => "Ps",
        "Other" => "C",
        "Other_Letter" => "Lo",
        "Other_Number" => "No",
        "Other_Punctuation" => "Po",
        "Other_Symbol" => "So",
        "Paragraph_Separator" => "Zp",
        "Private_Use" => "Co",
        "Punctuation" or "punct" => "P",
        "Separator" => "Z",
        "Space_Separator" => "Zs",
        "Spacing_Mark" => "Mc",
        "Surrogate" => "Cs",
        "Symbol" => "S",
        "Titlecase_Letter" => "Lt",
        "Unassigned" => "Cn",
        "Uppercase_Letter" => "Lu",
        _ => name,
    };
}
