namespace IntegrityTools.Cli.Demo;

/// <summary>Some 2,000 documents with every kind of conflict, the same every time.</summary>
internal static class DemoDatabase
{
    /// <summary>How many documents there are.</summary>
    public const int Size = 2000;

    private const int Seed = 20251030;

    // Ids that a URL, a shell or a terminal would rather not see.
    private static readonly string[] OddIds =
    [
        ".", "..", "two words", "a/b/c", "1+1=2", "100%", "%2F..%2F", "Zoë", "日本語", "🍅 tomato",
        "quote\"and\\slash", "#?&;", "'; DROP", "tab\there",
    ];

    /// <summary>Makes the documents.</summary>
    /// <param name="size">How many; conflicts keep their share.</param>
    public static IEnumerable<DemoDocument> Documents(int size = Size)
    {
        var bodies = new DemoBodies(new Random(Seed));
        var edits = new DemoEdits(bodies);
        (int Share, Action<DemoDocument> Happens)[] conflicts =
        [
            (60, DemoEdits.Identical), (90, edits.Mergeable), (50, edits.Counters), (30, edits.Nested), (10, edits.Many),
            (36, edits.EditedAndDeleted),
            (24, edits.Colliding), (24, edits.Preferred), (30, edits.Lists), (20, edits.Attached), (12, edits.Numbers), (40, edits.Resolved),
        ];
        var made = 0;
        foreach (var (share, happens) in conflicts)
        {
            for (var count = Math.Max(1, share * size / Size); count > 0; count--)
            {
                made++;
                yield return After(new DemoDocument($"task-{made:D4}", bodies.Task(made)), happens);
            }
        }

        (int Share, Action<DemoDocument> Happens)[] deployments = [(40, edits.Deployed), (8, edits.Reported), (12, DemoEdits.Compacted)];
        foreach (var (share, happens) in deployments)
        {
            for (var count = Math.Max(1, share * size / Size); count > 0; count--)
            {
                made++;
                yield return After(new DemoDocument($"web-{made:D4}", bodies.Container(made)), happens);
            }
        }

        foreach (var id in OddIds)
        {
            made++;
            yield return After(new DemoDocument(id, bodies.Task(made)), edits.Mergeable);
        }

        made++;
        yield return After(
            new DemoDocument("_design/tasks", DemoBody.Empty.With("language", "\"javascript\"")
                .With("views", """{"by_status":{"map":"function (doc) { emit(doc.status) }"}}""")),
            DemoEdits.Design);

        for (var number = 1; made < size; number++, made++)
        {
            yield return (number % 20) switch
            {
                0 => new DemoDocument($"stack-{number / 20:D3}", bodies.Stack(number / 20)),
                1 or 2 => new DemoDocument($"host-{number:D3}", bodies.Host(number)),
                3 => After(new DemoDocument($"old-{number:D4}", bodies.Container(number)), document => document.Delete(document.Root)),
                _ => new DemoDocument($"container-{number:D4}", bodies.Container(number)),
            };
        }
    }

    private static DemoDocument After(DemoDocument document, Action<DemoDocument> happens)
    {
        happens(document);
        return document;
    }
}
