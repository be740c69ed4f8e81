using System.Buffers;
using System.Text.Json;
using IntegrityTools.Configuration;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.Model;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>
/// Merges versions of one document, two at a time, against their common ancestor. What one side alone changed is taken; a rule decides only
/// where edits collide, of which each that was made below an inner fork is one, whatever the outer one has; what no rule decides is named in <see cref="Undecided"/>. An edit that a rule passes over is named in <see cref="Discarded"/>.
/// </summary>
/// <remarks>
/// By default objects merge member by member. Arrays of distinct scalars merge as sets with additions and removals of both sides,
/// unless both changed the order; any other array that both changed is undecided, unless a rule calls it a union or a keyed list.
/// </remarks>
internal sealed class DocumentMerge(MergeRules rules)
{
    private readonly HashSet<string> _undecided = new(StringComparer.Ordinal);
    private readonly List<string> _undecidedInOrder = [];
    private MergeVersion _left = null!;
    private MergeVersion _right = null!;
    private Dictionary<string, Author> _authors = [];

    /// <summary>Edits that a rule passed over.</summary>
    public List<DiscardedEdit> Discarded { get; } = [];

    /// <summary>Paths at which edits collide and no rule decides.</summary>
    public IReadOnlyList<string> Undecided => _undecidedInOrder;

    /// <summary>Rules that decided, by path.</summary>
    public Dictionary<string, string> DecidedBy { get; } = new(StringComparer.Ordinal);

    /// <summary>The forks whose branches were merged into the left version.</summary>
    internal IReadOnlyList<MergeVersion> LeftForks => _left.Forks;

    /// <summary>The forks whose branches were merged into the right version.</summary>
    internal IReadOnlyList<MergeVersion> RightForks => _right.Forks;

    /// <summary>Merges two versions; the result is built on the left one. An outer ancestor stands above the one at which they parted.</summary>
    public MergeVersion Merge(MergeVersion? ancestor, MergeVersion left, MergeVersion right, bool outer = false)
    {
        (_left, _right) = (left, right);
        _authors = new Dictionary<string, Author>(left.Authors, StringComparer.Ordinal);
        var body = Value(new Trio(FieldPath.Root, ancestor is not null, ancestor?.Body, left.Body, right.Body, outer));
        var parsed = body.Raw.SequenceEqual(Piece.Of(left.Body).Raw) ? left.Body : DocumentFields.Parse(body.Raw.ToArray());
        return left.With(parsed, Attachments(ancestor, outer), _authors, [.. left.Forks.Union(right.Forks).Union(ancestor is null || outer ? [] : [ancestor])]);
    }

    /// <summary>What the merge leaves at one path.</summary>
    internal Piece Value(Trio at)
    {
        var depth = at.Path.Depth;
        var rule = rules.AddsUp && depth > 0 ? rules.For(at.Path) : null;
        var adds = rule?.Kind is MergeRuleKind.Counter or MergeRuleKind.Sum;
        if (at.Tells && JsonEquality.Equal(at.Base, at.Left, depth))
        {
            if (JsonEquality.Equal(at.Left, at.Right, depth))
            {
                return Piece.Of(at.Left);
            }

            if (!InnerForks.ChangedBack(_left.Forks, at.Path, at.Left))
            {
                return TakeRight(at);
            }
        }
        else if (at.Tells && JsonEquality.Equal(at.Base, at.Right, depth) && !InnerForks.ChangedBack(_right.Forks, at.Path, at.Right))
        {
            return Piece.Of(at.Left);
        }

        if (JsonEquality.Equal(at.Left, at.Right, depth) && !adds && !(rules.AddsUp && at.Left is { ValueKind: JsonValueKind.Object or JsonValueKind.Array }))
        {
            return Piece.Of(at.Left);
        }

        if (!at.Known && (at.Left is null ? !InnerForks.ChangedBack(_left.Forks, at.Path, null) : at.Right is null && !InnerForks.ChangedBack(_right.Forks, at.Path, null)))
        {
            return at.Left is null ? TakeRight(at) : Piece.Of(at.Left);
        }

        return Collision(at, rule ?? (depth > 0 ? rules.For(at.Path) : null));
    }

    /// <summary>Leaves the place to a person.</summary>
    internal Piece Undecide(FieldPath path, JsonElement? left)
    {
        if (_undecided.Add(path.ToString()))
        {
            _undecidedInOrder.Add(path.ToString());
        }

        return Piece.Of(left);
    }

    private Piece Collision(Trio at, MergeRule? rule) => rule?.Kind switch
    {
        null => Structure(at, null),
        MergeRuleKind.Union or MergeRuleKind.KeyedList => Structure(at, rule),
        MergeRuleKind.Counter or MergeRuleKind.Sum => Add(at, rule.Kind),
        _ when JsonEquality.Equal(at.Left, at.Right, at.Path.Depth) => Piece.Of(at.Left),
        MergeRuleKind.Whole or MergeRuleKind.Manual => Undecide(at.Path, at.Left),
        _ => Choose(at, rule),
    };

    private Piece Structure(Trio at, MergeRule? rule)
    {
        if (at.Path.Depth < JsonEquality.MaximumDescent)
        {
            if (at.Left is { ValueKind: JsonValueKind.Array } && at.Right is { ValueKind: JsonValueKind.Array }
                && ArrayMerge.TryMerge(this, at, rule) is { } list)
            {
                return list;
            }

            if (rule is null && at.Left is { ValueKind: JsonValueKind.Object } && at.Right is { ValueKind: JsonValueKind.Object })
            {
                return Members(at);
            }
        }

        return JsonEquality.Equal(at.Left, at.Right, at.Path.Depth) ? Piece.Of(at.Left) : Undecide(at.Path, at.Left);
    }

    private Piece Members(Trio at)
    {
        if (at.Base is { } before && MemberPairs.TryPair(at.Left!.Value, at.Right!.Value, before, out var trios))
        {
            return Members(at, trios);
        }

        var left = JsonEquality.Members(at.Left!.Value);
        var right = JsonEquality.Members(at.Right!.Value);
        var origin = at.Base is { ValueKind: JsonValueKind.Object } value ? JsonEquality.Members(value) : [];
        if (left is null || right is null || origin is null)
        {
            return RepeatedMembers.Merge(this, at);
        }

        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("{"u8);
        var first = true;
        foreach (var (name, property) in left.Concat(right.Where(member => !left.ContainsKey(member.Key))))
        {
            var piece = Value(at.At(at.Path.Member(name), ValueOf(origin, name), ValueOf(left, name), ValueOf(right, name)));
            if (piece.Present)
            {
                DocumentFields.WriteMember(buffer, property, piece.Raw, ref first);
            }
        }

        buffer.Write("}"u8);
        return Piece.Of(buffer.WrittenMemory);
    }

    private Piece Members(Trio at, List<MemberTrio> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write("{"u8);
        var first = true;
        foreach (var member in members)
        {
            // Equal values stay, unless a rule adds up what both sides did.
            var piece = member.IsSame && !rules.AddsUp
                ? Piece.Of(member.Left)
                : Value(at.At(at.Path.Member(JsonEquality.Name(member.Property)), member.Base, member.Left, member.Right));
            if (piece.Present)
            {
                DocumentFields.WriteMember(buffer, member.Property, piece.Raw, ref first);
            }
        }

        buffer.Write("}"u8);
        return Piece.Of(buffer.WrittenMemory);
    }

    private Piece Add(Trio at, MergeRuleKind kind)
    {
        var left = ExactNumber.Read(at.Left);
        var right = ExactNumber.Read(at.Right);
        var origin = at.Tells && at.Base is null ? ExactNumber.Zero : ExactNumber.Read(at.Base);
        if (!at.Tells && JsonEquality.Equal(at.Left, at.Right, at.Path.Depth))
        {
            return Piece.Of(at.Left); // Where nobody knows what was counted before, equal counts are one count, as all equal fields are.
        }

        if (left is null || right is null || (at.Tells ? origin is null : kind == MergeRuleKind.Counter))
        {
            return JsonEquality.Equal(at.Left, at.Right, at.Path.Depth) && at.Left is not { ValueKind: JsonValueKind.Number }
                ? Piece.Of(at.Left)
                : Undecide(at.Path, at.Left);
        }

        DecidedBy[at.Path.ToString()] = "rule:" + Codes.Of(kind);
        var sum = left.Value + right.Value;
        return Piece.Of(at.Tells ? sum - origin!.Value : sum);
    }

    private Piece Choose(Trio at, MergeRule rule)
    {
        var (left, right) = (_left.AuthorOf(at.Path), _right.AuthorOf(at.Path));
        if (ValueChoice.TakesRight(rule, at, left, right) is not { } takesRight)
        {
            return Undecide(at.Path, at.Left);
        }

        var code = Codes.Of(rule.Kind);
        DecidedBy[at.Path.ToString()] = "rule:" + code;
        if (rule.Kind != MergeRuleKind.Stamp)
        {
            var (author, value) = takesRight ? (left, at.Left) : (right, at.Right);
            Discarded.Add(new DiscardedEdit(author.Revision.ToString(), at.Path.ToString(), Display.Of(value), $"the rule {code} chose the other value"));
        }

        return takesRight ? TakeRight(at) : Piece.Of(at.Left);
    }

    private Piece TakeRight(Trio at)
    {
        var taken = at.Path.ToString();
        _authors[taken] = _right.AuthorOf(at.Path);
        foreach (var (path, author) in _right.Authors)
        {
            // Below the path stands a dot or a bracket: ab is not below a.
            if (path.Length > taken.Length && path[taken.Length] is '.' or '[' && path.StartsWith(taken, StringComparison.Ordinal))
            {
                _authors[path] = author;
            }
        }

        return Piece.Of(at.Right);
    }

    private Dictionary<string, AuthoredAttachment> Attachments(MergeVersion? ancestor, bool outer)
    {
        var merged = new Dictionary<string, AuthoredAttachment>(StringComparer.Ordinal);
        foreach (var name in _left.Attachments.Keys.Union(_right.Attachments.Keys, StringComparer.Ordinal))
        {
            var (left, right) = (_left.Attachments.GetValueOrDefault(name), _right.Attachments.GetValueOrDefault(name));
            var tells = ancestor is not null && !(outer && left is not null && right is not null);
            if (Attachment(name, tells, ancestor?.Attachments.GetValueOrDefault(name), left, right) is { } chosen)
            {
                merged.Add(name, chosen);
            }
        }

        return merged;
    }

    private AuthoredAttachment? Attachment(
        string name, bool tells, AuthoredAttachment? origin, AuthoredAttachment? left, AuthoredAttachment? right)
    {
        if (Same(left, right) || ((tells ? Same(origin, right) : right is null) && !InnerForks.ChangedBack(_right.Forks, name, right)))
        {
            return left;
        }

        if ((tells ? Same(origin, left) : left is null) && !InnerForks.ChangedBack(_left.Forks, name, left))
        {
            return right;
        }

        var path = FieldPath.Attachment(name);
        var rule = rules.For(path);
        var takesRight = rule?.Kind is MergeRuleKind.KeepWinner or MergeRuleKind.Latest
            ? ValueChoice.TakesRight(rule, default, left?.Author ?? _left.AuthorOf(path), right?.Author ?? _right.AuthorOf(path))
            : null;
        if (takesRight is not { } taken)
        {
            Undecide(path, null);
            return left;
        }

        DecidedBy[path.ToString()] = "rule:" + Codes.Of(rule!.Kind);
        var (loser, author) = taken ? (left, left?.Author ?? _left.AuthorOf(path)) : (right, right?.Author ?? _right.AuthorOf(path));
        Discarded.Add(new DiscardedEdit(
            author.Revision.ToString(), path.ToString(), loser?.Info.Digest, $"the rule {Codes.Of(rule.Kind)} chose the other attachment"));
        return taken ? right : left;
    }

    private static bool Same(AuthoredAttachment? one, AuthoredAttachment? other) => one is null ? other is null : one.Same(other);

    private static JsonElement? ValueOf(Dictionary<string, JsonProperty> members, string name) =>
        members.TryGetValue(name, out var property) ? property.Value : null;
}
