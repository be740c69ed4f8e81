using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace IntegrityTools.CouchDb.Json;

/// <summary>
/// Where a value stands in a document: <c>address.city</c>, <c>ports[2]</c>, <c>['a.b']</c> for a key that holds a dot, a bracket,
/// a quote or nothing, <c>ports[number=80]</c> for an element of a keyed list. Built step by step while descending; written only when shown.
/// </summary>
internal sealed class FieldPath
{
    private static readonly SearchValues<char> Odd = SearchValues.Create(".[]'*\\");

    // Patterns come from the configuration: few, and asked about at every field of every document.
    private static readonly ConcurrentDictionary<string, List<Step>> Patterns = new(StringComparer.Ordinal);

    private readonly FieldPath? _parent;
    private readonly string _step;
    private readonly bool _element;
    private readonly bool _quoted;

    private FieldPath(FieldPath? parent, string step, bool element, bool quoted = false)
    {
        _quoted = quoted || (!element && (step.Length == 0 || step.AsSpan().ContainsAny(Odd)));
        _parent = parent;
        _step = step;
        _element = element;
        Depth = parent is null ? 0 : parent.Depth + 1;
    }

    /// <summary>The document itself, written <c>$</c>.</summary>
    public static FieldPath Root { get; } = new(null, string.Empty, element: false);

    /// <summary>The path one step up; null for the document itself.</summary>
    public FieldPath? Parent => _parent;

    /// <summary>The last step: a name, or of an element its place or <c>key=value</c>.</summary>
    public string LastStep => _step;

    /// <summary>True for an element of a list.</summary>
    public bool IsElement => _element;

    /// <summary>How many steps lead here.</summary>
    public int Depth { get; }

    /// <summary>An attachment of the document: <c>_attachments['name']</c>.</summary>
    public static FieldPath Attachment(string name) => new(Root.Member("_attachments"), name, element: false, quoted: true);

    /// <summary>The member of that name.</summary>
    public FieldPath Member(string name) => new(this, name, element: false);

    /// <summary>The element at that place.</summary>
    public FieldPath Element(int index) => new(this, index.ToString(CultureInfo.InvariantCulture), element: true);

    /// <summary>The element whose key has that value.</summary>
    public FieldPath Element(string key, string value) => new(this, $"{key}={value}", element: true);

    /// <summary>
    /// True when a pattern means this path: dotted names, <c>['a.b']</c> for odd ones, <c>*</c> for any one step, <c>[]</c> for any
    /// element, <c>[2]</c> for one.
    /// </summary>
    public bool Matches(string pattern)
    {
        // One plain name, as nearly every pattern is: nothing has to be looked up.
        if (pattern is not ("" or "*") && !pattern.AsSpan().ContainsAny('.', '['))
        {
            return Depth == 1 && !_element && _step == pattern;
        }

        var steps = Patterns.GetOrAdd(pattern, Parse);
        if (steps.Count != Depth)
        {
            return false;
        }

        var path = this;
        for (var index = steps.Count - 1; index >= 0; index--, path = path._parent!)
        {
            var (text, element, quoted) = steps[index];
            var any = !quoted && (element ? path._element && text.Length == 0 : text == "*");
            if (!any && (path._element != element || path._step != text))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The steps of a pattern, as <see cref="Matches"/> reads it.</summary>
    public static IReadOnlyList<Step> Steps(string pattern) => Patterns.GetOrAdd(pattern, Parse);

    /// <summary>The names of a dotted path, quoted ones unquoted: <c>a['b.c'][0]</c> is a, b.c and 0.</summary>
    public static IReadOnlyList<string> Names(string path) => [.. Parse(path).Select(step => step.Text)];

    /// <inheritdoc/>
    public override string ToString()
    {
        if (_parent is null)
        {
            return "$";
        }

        if (Depth == 1 && !_element && !_quoted)
        {
            return _step;
        }

        var steps = new Stack<FieldPath>();
        for (var path = this; path._parent is not null; path = path._parent)
        {
            steps.Push(path);
        }

        var text = new StringBuilder();
        foreach (var step in steps)
        {
            if (step._element)
            {
                text.Append('[').Append(step._step).Append(']');
            }
            else if (step._quoted)
            {
                text.Append("['").Append(step._step.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)).Append("']");
            }
            else
            {
                text.Append(text.Length == 0 ? string.Empty : ".").Append(step._step);
            }
        }

        return text.ToString();
    }

    private static List<Step> Parse(string pattern)
    {
        var steps = new List<Step>();
        var index = 0;
        while (index < pattern.Length)
        {
            if (pattern.AsSpan(index).StartsWith("['", StringComparison.Ordinal))
            {
                var name = new StringBuilder();
                for (index += 2; index < pattern.Length && pattern[index] != '\''; index++)
                {
                    index += pattern[index] == '\\' && index + 1 < pattern.Length ? 1 : 0;
                    name.Append(pattern[index]);
                }

                steps.Add(new Step(name.ToString(), Element: false, Quoted: true));
                index += 2;
            }
            else if (pattern[index] == '[' && pattern.IndexOf(']', index) is var end and > 0)
            {
                steps.Add(new Step(pattern[(index + 1)..end], Element: true, Quoted: false));
                index = end + 1;
            }
            else
            {
                var length = pattern.AsSpan(index + 1).IndexOfAny('.', '[');
                var stop = length < 0 ? pattern.Length : index + 1 + length;
                steps.Add(new Step(pattern[index..stop], Element: false, Quoted: false));
                index = stop;
            }

            index += index < pattern.Length && pattern[index] == '.' ? 1 : 0;
        }

        return steps;
    }

    /// <summary>One step of a pattern.</summary>
    /// <param name="Text">The name, the place, or nothing for any element.</param>
    /// <param name="Element">True for what stands in brackets.</param>
    /// <param name="Quoted">True for a name in quotes, which is never a wildcard.</param>
    public sealed record Step(string Text, bool Element, bool Quoted)
    {
        /// <summary>True for <c>*</c> and <c>[]</c>.</summary>
        public bool IsAny => !Quoted && (Element ? Text.Length == 0 : Text == "*");
    }
}
