using System.Globalization;
using IntegrityTools.CouchDb.Json;
using IntegrityTools.CouchDb.Revisions;
using IntegrityTools.Model;
using IntegrityTools.Repair;

namespace IntegrityTools.CouchDb.Resolve;

/// <summary>Chooses how one document's conflict is decided: the strategies and, for auto, the order in which they are tried.</summary>
internal sealed class DecisionTree
{
    private readonly ConflictCase _conflict;
    private readonly RepairPolicy _policy;
    private readonly MergeVersions _versions;
    private readonly MergeRules _rules;
    private readonly EditAccount _account;
    private readonly List<DocumentRevision> _live;
    private readonly string? _documentType;

    /// <summary>Prepares the decision of one case.</summary>
    public DecisionTree(ConflictCase conflict, RepairPolicy policy, MergeVersions versions)
    {
        _conflict = conflict;
        _policy = policy;
        _live = [.. conflict.Leaves.Live.OrderByDescending(leaf => leaf.Revision)];
        _versions = versions;
        _documentType = DocumentFields.TypeOf(_versions.Of(conflict.Leaves.Winner).Body, policy.Resolution);
        _rules = new MergeRules(policy.Resolution, _documentType);
        _account = new EditAccount(conflict, _versions, _rules);
        var known = _live.SelectMany(leaf => leaf.History).ToHashSet();
        Contested = [.. conflict.Leaves.Leaves.Where(leaf => leaf.Deleted && leaf.Parent is { } parent && known.Contains(parent))];
    }

    /// <summary>Deleted leaves that stand against somebody's edit.</summary>
    public IReadOnlyList<DocumentRevision> Contested { get; }

    /// <summary>Decides.</summary>
    /// <exception cref="IntegrityException">A decision by hand does not fit the document.</exception>
    public Decision Decide()
    {
        if (_policy.KeepRevision is not null || _policy.Document is not null)
        {
            return new HandDecision(_conflict, _policy, _account).Decide();
        }

        var strategy = _policy.Strategy
            ?? (_documentType is not null && _policy.Resolution.ConflictStrategies.TryGetValue(_documentType, out var own) ? own : _policy.Resolution.DefaultStrategy);
        if (_live.Count == 0)
        {
            return new Decision(Strategy.Manual, "Every leaf is deleted: there is nothing to resolve.");
        }

        if (strategy == Strategy.Manual)
        {
            return new Decision(Strategy.Manual, "The strategy is manual: a person decides.");
        }

        if (strategy == Strategy.LatestWins && Contested.Count > 0)
        {
            return Latest([.. _live, .. Contested], explicitly: true);
        }

        var decision = _live.Count == 1
            ? new Decision(strategy, "There is one live leaf") { Keep = _live[0], Source = _ => _live[0].Revision.ToString() }
            : Among(strategy);
        return Contested.Count == 0 || decision.Keep is null ? decision : decision with
        {
            Duplicate = false,
            Reason = $"The edit is kept against the deletion {string.Join(", ", Contested.Select(leaf => leaf.Revision))}, as by default. {decision.Reason}"
                .TrimEnd('.') + ".",
        };
    }

    private Decision Among(Strategy strategy)
    {
        if (Identical() && (!_rules.AddsUp || AddsNothing()))
        {
            return new Decision(strategy, "All live leaves have equal bodies and attachments: the copies are removed.")
            {
                Keep = _live[0],
                Duplicate = true,
                Source = _ => _live[0].Revision.ToString(),
            };
        }

        return strategy switch
        {
            Strategy.LatestWins => Latest(_live, explicitly: true),
            Strategy.HighestRev => Highest(explicitly: true),
            Strategy.Merge => Merge("The strategy is merge"),
            _ => Automatic(),
        };
    }

    private Decision Automatic()
    {
        var latest = LatestOf(_live);
        var generations = _live[0].Revision.Generation != _live[^1].Revision.Generation;
        if (latest is null && !generations)
        {
            return Merge("auto: not all leaves have timestamps of one field and their generations are equal, so they are merged");
        }

        if (_account.LosesByKeeping(latest ?? _live[0]))
        {
            var strategy = latest is null ? Strategy.HighestRev : Strategy.LatestWins;
            return Merge($"auto: {Codes.Of(strategy)} would discard somebody's edit, so the leaves are merged");
        }

        var kept = latest is null ? Highest(explicitly: false) : Latest(_live, explicitly: false);
        return kept with { Reason = "auto: " + kept.Reason };
    }

    private Decision Latest(IReadOnlyList<DocumentRevision> leaves, bool explicitly)
    {
        if (LatestOf(leaves) is { } latest)
        {
            var time = _versions.Of(latest).Timestamp;
            return Keep(Strategy.LatestWins, latest, $"{latest.Revision} has the latest timestamp, {time:yyyy-MM-ddTHH:mm:ss.FFFFFFFZ}", explicitly);
        }

        return new Decision(Strategy.Manual, leaves.FirstOrDefault(leaf => _versions.Of(leaf).Timestamp is null) is { } undated
            ? $"latest_wins needs a timestamp on every leaf, and {undated.Revision} has none (not available is not oldest)."
            : $"latest_wins compares times of one field, and the leaves have theirs in {string.Join(" and ", leaves.Select(leaf => _versions.Of(leaf).TimestampField).Distinct())}.");
    }

    /// <summary>The leaf with the latest timestamp, ties broken by revision; null when not all have one in the same field.</summary>
    private DocumentRevision? LatestOf(IReadOnlyList<DocumentRevision> leaves)
    {
        (DocumentRevision Leaf, DateTimeOffset Time)? latest = null;
        foreach (var leaf in leaves)
        {
            if (_versions.Of(leaf).Timestamp is not { } time || _versions.Of(leaf).TimestampField != _versions.Of(leaves[0]).TimestampField)
            {
                return null;
            }

            if (latest is not { } known || time > known.Time || (time == known.Time && leaf.Revision > known.Leaf.Revision))
            {
                latest = (leaf, time);
            }
        }

        return latest?.Leaf;
    }

    private Decision Highest(bool explicitly) =>
        Keep(Strategy.HighestRev, _live[0], $"{_live[0].Revision} has the highest generation, ties broken by hash", explicitly);

    private Decision Keep(Strategy strategy, DocumentRevision leaf, string why, bool explicitly)
    {
        var lost = _account.LostByKeeping(leaf, $"{Codes.Of(strategy)} keeps {leaf.Revision}");
        var cost = lost.Count == 0 && !leaf.Deleted
            ? "and no edit is discarded"
            : $"discarding {Edits(lost.Count)} made elsewhere";
        return new Decision(strategy, $"{Codes.Of(strategy)}{(explicitly ? " was asked for" : string.Empty)}: {why}, {cost}.")
        {
            Keep = leaf,
            Discarded = lost,
            Risk = lost.Count == 0 && !leaf.Deleted ? Risk.Low : Risk.High,
            Source = _ => leaf.Revision.ToString(),
        };
    }

    private Decision Merge(string why)
    {
        var (result, merge) = LeafMerge.Of(_live, _conflict.Ancestors, _versions, _rules);
        if (merge.Undecided.Count > 0)
        {
            return new Decision(Strategy.Manual, $"{why}, but these fields collide and no rule decides them: {string.Join(", ", merge.Undecided)}.")
            {
                Undecided = merge.Undecided,
                Discarded = merge.Discarded,
            };
        }

        return new Decision(Strategy.Merge, merge.Discarded.Count == 0
            ? $"{why}: no edits collide, and every edit is kept."
            : $"{why}: edits collide, and a configured rule chose ({string.Join(", ", merge.Discarded.Select(edit => edit.Path).Distinct())}).")
        {
            Keep = _live[0],
            Body = result.Body,
            Attachments = result.Attachments,
            Discarded = merge.Discarded,
            Risk = merge.Discarded.Count == 0 ? Risk.Low : Risk.Medium,
            Source = path => merge.DecidedBy.GetValueOrDefault(path) ?? (result.Authors.TryGetValue(path, out var author) ? author.Revision.ToString() : null),
        };
    }

    /// <summary>True when a merge of equal leaves gives that leaf: no counter was raised to the same value on two sides.</summary>
    private bool AddsNothing()
    {
        var (result, merge) = LeafMerge.Of(_live, _conflict.Ancestors, _versions, _rules);
        return merge.Undecided.Count == 0 && JsonEquality.Equal(result.Body, _versions.Of(_live[0]).Body);
    }

    private static string Edits(int count) => count == 1 ? "an edit" : string.Create(CultureInfo.InvariantCulture, $"{count} edits");

    private bool Identical()
    {
        var first = _versions.Of(_live[0]);
        return _live.Skip(1).Select(_versions.Of).All(other =>
            JsonEquality.Equal(first.Body, other.Body) && first.Attachments.Count == other.Attachments.Count
            && first.Attachments.All(item => item.Value.Same(other.Attachments.GetValueOrDefault(item.Key))));
    }
}
