using System.Globalization;
using System.Text;

namespace IntegrityTools.Cli.Demo;

/// <summary>What happens to documents when replicas edit apart: one method a kind of conflict.</summary>
internal sealed class DemoEdits(DemoBodies bodies)
{
    /// <summary>Two replicas made the same edit.</summary>
    public static void Identical(DemoDocument document)
    {
        var body = document.Root.Body.With("status", "\"stopped\"");
        document.Edit(document.Root, body, "laptop");
        document.Edit(document.Root, body, "phone");
    }

    /// <summary>Two replicas edited different fields; each set its stamp.</summary>
    public void Mergeable(DemoDocument document)
    {
        var root = document.Root;
        document.Edit(root, Stamped(root.Body.With("status", "\"done\""), "laptop"));
        document.Edit(root, Stamped(root.Body.With("priority", "\"high\"").With("note", "\"ask Zoë – 50\\u0025 ready\""), "phone"));
    }

    /// <summary>Two replicas counted on.</summary>
    public void Counters(DemoDocument document)
    {
        var root = document.Root;
        document.Edit(root, Stamped(Count(root.Body, 2), "laptop"));
        document.Edit(root, Stamped(Count(root.Body, 3), "phone"));
    }

    /// <summary>Three leaves, two of which share a later ancestor: merged all against the first one, increments would count twice.</summary>
    public void Nested(DemoDocument document)
    {
        var root = document.Root;
        var shared = document.Edit(root, Stamped(Count(root.Body, 1), "laptop"));
        document.Edit(shared, Stamped(Count(shared.Body, 2), "laptop"));
        document.Edit(shared, Stamped(shared.Body.With("priority", "\"high\""), "tablet"));
        document.Edit(root, Stamped(Count(root.Body, 4).With("tags", """["inbox","home"]"""), "phone"));
    }

    /// <summary>Five leaves and more.</summary>
    public void Many(DemoDocument document)
    {
        for (var replica = 1; replica <= 6; replica++)
        {
            document.Edit(document.Root, Stamped(document.Root.Body.With($"seenBy{replica}", "true"), $"replica-{replica}"));
        }
    }

    /// <summary>Somebody deleted what another edited.</summary>
    public void EditedAndDeleted(DemoDocument document)
    {
        document.Edit(document.Root, Stamped(document.Root.Body.With("status", "\"done\""), "phone"));
        document.Delete(document.Root);
    }

    /// <summary>Both edited the same field: only a person can tell.</summary>
    public void Colliding(DemoDocument document)
    {
        document.Edit(document.Root, Stamped(document.Root.Body.With("title", "\"Call the bank before noon\""), "laptop"));
        document.Edit(document.Root, Stamped(document.Root.Body.With("title", "\"Call the bank tomorrow\""), "phone"));
    }

    /// <summary>Both edited a field for which the configuration has a rule: <c>prefer: [done, in_progress]</c>.</summary>
    public void Preferred(DemoDocument document)
    {
        document.Edit(document.Root, Stamped(document.Root.Body.With("status", "\"done\""), "laptop"));
        document.Edit(document.Root, Stamped(document.Root.Body.With("status", "\"in_progress\""), "phone"));
    }

    /// <summary>Lists: tags as a set, subtasks by their key.</summary>
    public void Lists(DemoDocument document)
    {
        document.Edit(document.Root, Stamped(
            document.Root.Body.With("tags", """["inbox","garden"]""")
                .With("subtasks", """[{"id":"s1","title":"first step","done":true},{"id":"s2","title":"second step","done":false}]"""),
            "laptop"));
        document.Edit(document.Root, Stamped(
            document.Root.Body.With("tags", """["inbox","urgent"]""")
                .With("subtasks", """[{"id":"s1","title":"first step","done":false},{"id":"s3","title":"third step","done":false}]"""),
            "phone"));
    }

    /// <summary>One replica attached a file, the other edited a field.</summary>
    public void Attached(DemoDocument document)
    {
        var photo = Encoding.UTF8.GetBytes($"photo of {document.Id}\n");
        document.Edit(document.Root, Stamped(document.Root.Body.Attach("photo 1.txt", "text/plain", photo), "phone"));
        document.Edit(document.Root, Stamped(document.Root.Body.With("priority", "\"high\""), "laptop"));
    }

    /// <summary>Numbers that a careless tool changes, beside an edit elsewhere in the document.</summary>
    public void Numbers(DemoDocument document)
    {
        var first = document.Edit(document.Root, document.Root.Body
            .With("ratio", "1.0").With("big", "9007199254740993").With("scale", "1E+2").With("huge", "1e400").With("escaped", "\"caf\\u00e9\""));
        document.Edit(first, Stamped(first.Body.With("status", "\"done\""), "laptop"));
        document.Edit(first, Stamped(first.Body.With("priority", "\"low\""), "phone"));
    }

    /// <summary>The ancestor's body is gone, and one side only added.</summary>
    public static void Compacted(DemoDocument document)
    {
        document.Compacted = true;
        document.Edit(document.Root, document.Root.Body, "laptop");
        document.Edit(document.Root, document.Root.Body.With("note", "\"added offline\""), "phone");
    }

    /// <summary>A conflict that was resolved long ago: its losing branch ends in a tombstone, and no issue is found.</summary>
    public void Resolved(DemoDocument document)
    {
        document.Edit(document.Edit(document.Root, Stamped(document.Root.Body, "laptop")), document.Root.Body.With("status", "\"done\""));
        document.Delete(document.Edit(document.Root, Stamped(document.Root.Body, "phone")));
    }

    /// <summary>An operator set a variable of a container while its host updated the image.</summary>
    public void Deployed(DemoDocument document)
    {
        var root = document.Root.Body;
        document.Edit(document.Root, root.With("image", "\"nginx:1.28\"").With("dateModified", bodies.Time()));
        var set = root.With("environment", root["environment"].Replace("info", "debug", StringComparison.Ordinal));
        document.Edit(document.Root, set.With("dateModified", bodies.Time()));
    }

    /// <summary>Three hosts reported another status of one container.</summary>
    public void Reported(DemoDocument document)
    {
        foreach (var status in new[] { "\"degraded\"", "\"failed\"", "\"paused\"" })
        {
            document.Edit(document.Root, document.Root.Body.With("status", status).With("dateModified", bodies.Time()));
        }
    }

    /// <summary>Two replicas changed the same design document.</summary>
    public static void Design(DemoDocument document)
    {
        document.Edit(document.Root, document.Root.Body.With(
            "views", """{"by_status":{"map":"function (doc) { emit(doc.status) }"},"by_host":{"map":"function (doc) { emit(doc.hostedOn) }"}}"""));
        document.Edit(document.Root, document.Root.Body.With(
            "views", """{"by_status":{"map":"function (doc) { emit(doc.status) }"},"by_tag":{"map":"function (doc) { doc.tags.forEach(emit) }"}}"""));
    }

    private static DemoBody Count(DemoBody body, int more) =>
        body.With("pomodoros", DemoBodies.Number(int.Parse(body["pomodoros"], CultureInfo.InvariantCulture) + more));

    private DemoBody Stamped(DemoBody body, string device) =>
        body.With("updatedAt", bodies.Time()).With("deviceId", DemoBodies.Text(device));
}
