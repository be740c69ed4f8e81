namespace IntegrityTools.Cli.Demo;

/// <summary>The demo's own integrity.yaml.</summary>
internal static class DemoConfiguration
{
    public const string FileName = "integrity.yaml";

    public const string Text =
        """
        # Written by 'integrity demo'. Commands that are run in this folder use it.
        ledger:
          path: ledger.db

        stores:
          demo: couchdump:demo.jsonl
          repaired: couchdump:repaired.jsonl
          restored: couchdump:restored.jsonl
        default_store: demo

        resolution:
          default_strategy: auto
          rules:
            - path: pomodoros
              rule: counter
            - path: tags
              rule: union
            - path: subtasks
              key: id
            - path: status
              document_type: task
              prefer: [done, in_progress, planned]
          field_tiers:
            high: [title]

        """;
}
