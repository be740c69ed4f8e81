Describe 'New-RepairPlan' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $issues = Get-IntegrityIssue $dump
    }

    It 'plans issues from the pipeline' {
        $plan = $issues | New-RepairPlan
        $plan.Operations.Count | Should -Be 4
        $plan.NeedsReview | Should -Be 1
        $plan.HighestRisk | Should -Be 'Low'
        $plan.ScanId | Should -Be $issues[0].ScanId
    }

    It 'said low risk of what is left to a person' {
        $review = $issues | New-RepairPlan | ForEach-Object Operations | Where-Object NeedsReview
        $review.ToString() | Should -BeLike '*, for review'
        $review | Format-List | Out-String | Should -Match 'Risk +: review'
    }

    It 'makes one plan a store' {
        $other = New-ConflictDump "$TestDrive/other.jsonl"
        @($dump, $other | Get-IntegrityIssue | New-RepairPlan).Count | Should -Be 2
    }

    It 'scans a store itself, the default one without a name' {
        (New-RepairPlan $dump).Operations.Count | Should -Be 4
        (New-RepairPlan).Operations.Count | Should -Be 4
        ('shop' | New-RepairPlan).Operations.Count | Should -Be 4
    }

    It 'looks into a backup for rows that are gone, and says when there is none of that name' {
        Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$TestDrive/app.db"
        $plan = Get-IntegrityIssue "$TestDrive/app.db" -Type ForeignKeyViolation | New-RepairPlan -Backup "$PSScriptRoot/data/orphaned-rows.db"
        $plan.Operations.Type | Should -Not -Contain 'restore_parent_from_backup'
        { Get-IntegrityIssue "$TestDrive/app.db" -Type ForeignKeyViolation | New-RepairPlan -Backup "$TestDrive/nowhere.db" -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'plans an earlier scan' {
        (New-RepairPlan -Scan $issues[0].ScanId).Operations.Count | Should -Be 4
        (Get-IntegrityReport $issues[0].ScanId | New-RepairPlan).ScanId | Should -Be $issues[0].ScanId
    }

    It 'filters what it plans, of a store, of an earlier scan and of the pipeline' {
        (New-RepairPlan $dump -DocumentType T*).Operations.Count | Should -Be 2
        (New-RepairPlan -Scan $issues[0].ScanId -DocumentType T*).Operations.Count | Should -Be 2
        (New-RepairPlan -Scan $issues[0].ScanId -Type edit_delete_conflict).Operations.Subject | Should -Be 'deleted and edited'
        (New-RepairPlan -Scan $issues[0].ScanId -Subject 'häuser/1' -MinimumSeverity medium).Operations.Count | Should -Be 1
        $plan = $issues | New-RepairPlan -DocumentType T*
        $plan.Operations.Count | Should -Be 2
        $plan.ScanId | Should -Be $issues[0].ScanId
    }

    It 'plans issues that came back from a file, those and no others' {
        $issues | Export-Clixml "$TestDrive/issues.xml"
        $back = Import-Clixml "$TestDrive/issues.xml" | Where-Object Subject -EQ 'crowded'
        $plan = $back | New-RepairPlan
        @($plan).Count | Should -Be 1
        $plan.Operations.Subject | Should -Be 'crowded'
    }

    It 'plans issues by their ids, from a part that has its Id, and from a plan''s operation' {
        $crowded = $issues | Where-Object Subject -EQ 'crowded'
        ($crowded.Id | New-RepairPlan).Operations.Subject | Should -Be 'crowded'
        ($crowded | Select-Object Id, Subject | New-RepairPlan).Operations.Subject | Should -Be 'crowded'
        ($crowded | ConvertTo-Csv | ConvertFrom-Csv | New-RepairPlan).Operations.Subject | Should -Be 'crowded'
        $waits = ($issues | New-RepairPlan).Operations | Where-Object NeedsReview
        ($waits | New-RepairPlan -KeepRevision $crowded.Evidence.Leaves[1].Revision).Operations.NeedsReview | Should -BeFalse
    }

    It 'says of a part of an issue what it lacks, instead of planning all of its store' {
        foreach ($part in ($issues | Select-Object Store, Subject), [pscustomobject]@{ Store = $dump; Subject = 'crowded' }, 'issue') {
            { $part | Select-Object -First 1 | New-RepairPlan -ErrorAction Stop } | Should -Throw
        }

        $failure = { $issues | Select-Object Store, Subject | New-RepairPlan -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidArgument,*' -PassThru
        "$failure" | Should -Match 'an object with Store, Subject does not say which one it is, since it has no Id'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Select-Object keeps what it names, so name Id, too'
        { $issues[0] | Select-Object Id, @{ Name = 'ScanId'; Expression = { (Get-IntegrityIssue shop -Type EditDeleteConflict).ScanId } } | New-RepairPlan -ErrorAction Stop } |
            Should -Throw -ErrorId 'NotFound,*'
    }

    It 'takes a strategy in either spelling' {
        ($issues | New-RepairPlan -Strategy highest_rev).Strategy | Should -Be 'HighestRev'
        ($issues | New-RepairPlan -Strategy HighestRev).Strategy | Should -Be 'HighestRev'
        { $issues | New-RepairPlan -Strategy nonsense } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'leaves what is above the bounds to a person' {
        $plan = $issues | New-RepairPlan -Strategy HighestRev -MaximumRisk Low
        $plan.Operations | Where-Object { -not $_.NeedsReview -and $_.Risk -ne 'Low' } | Should -BeNullOrEmpty
        $plan = $issues | New-RepairPlan -Strategy HighestRev -MaximumSeverity medium
        ($plan.Operations | Where-Object Subject -EQ 'crowded').NeedsReview | Should -BeTrue
    }

    It 'takes a decision for one issue: a revision, a JSON text or an object' {
        $crowded = $issues | Where-Object Subject -EQ 'crowded'
        $keep = $crowded.Evidence.Leaves[2].Revision
        ($crowded | New-RepairPlan -KeepRevision $keep).Operations[0].Action.KeepRevision | Should -Be $keep
        ($crowded | New-RepairPlan -Document '{"text":"mine","n":1.0}').Operations[0].Action.Body.Text | Should -BeLike '*"n":1.0*'
        ($crowded | New-RepairPlan -Document @{ text = 'mine' }).Operations[0].Action.Body.Text | Should -BeLike '*"text":"mine"*'
        ($crowded | New-RepairPlan -Document ([pscustomobject]@{ text = 'mine' })).Operations[0].NeedsReview | Should -BeFalse
    }

    It 'shows what each choice would change, and in a dry run what a decision discards, within 80 columns' {
        $crowded = $issues | Where-Object Subject -EQ 'crowded'
        $waits = ($crowded | New-RepairPlan).Operations[0]
        $waits.Choices[0].Changes.Count | Should -Be 0
        $waits.Choices[1].Changes[0].Path, $waits.Choices[1].Changes[0].New | Should -Be 'text', '"e"'
        $waits | Format-List | Out-String -Width 80 | Should -Match 'f{32} \(what is read now\)\s+2-e{32}\s+text: "f" → "e"'
        $crowded.Evidence.Leaves | Out-String -Width 80 | Should -Match '2-e{32} .* 190 text'
        $dry = $crowded | New-RepairPlan -KeepRevision $waits.Choices[2].Revision | Invoke-RepairPlan -WhatIf -Destination "$TestDrive/decided.jsonl"
        $dry.Discarded.Count | Should -Be 4
        $dry | Out-String -Width 80 | Should -Match 'discards text: "e" of 2-e{32}'
    }

    It 'completes subjects and the revisions that there are to choose from' {
        $null = Get-IntegrityIssue $dump
        (TabExpansion2 'New-RepairPlan -Subject ').CompletionMatches.CompletionText | Should -Contain 'crowded'
        (TabExpansion2 'New-RepairPlan -KeepRevision 2-e').CompletionMatches.CompletionText | Should -Be "2-$('e' * 32)"
    }

    It 'says so when a decision meets no issue, as when it is ignored' {
        { New-RepairPlan $dump -Subject nobody -KeepRevision 2-a -ErrorAction Stop } | Should -Throw '*decides one issue, and there is none*'
    }

    It 'refuses a decision for several issues, and a document that is no JSON' {
        { $issues | New-RepairPlan -KeepRevision '2-x' } | Should -Throw -ErrorId 'InvalidArgument,*'
        { $issues[0] | New-RepairPlan -Document '{"text":' } | Should -Throw -ErrorId 'InvalidArgument,*'
    }

    It 'shows operations as fields, old → new, and never spills a document' {
        $plan = $issues | New-RepairPlan
        ($plan.Operations | Where-Object Subject -EQ 'merge me').Changes[0] | Out-String | Should -Match 'title: "one" → "two"'
        $crowded = $issues | Where-Object Subject -EQ 'crowded'
        $huge = $crowded | New-RepairPlan -Document (@{ text = 'x' * 3MB } | ConvertTo-Json)
        ($huge.Operations[0] | Format-List * | Out-String).Length | Should -BeLessThan 20000
        ($huge.Operations[0] | Format-List | Out-String).Length | Should -BeLessThan 10000
    }

    It 'survives ConvertTo-Json' {
        $json = $issues | New-RepairPlan | ConvertTo-Json -Depth 6 -EnumsAsStrings -WarningAction SilentlyContinue | ConvertFrom-Json
        ($json.Operations | Where-Object Subject -EQ 'merge me').NewValue.Text | Should -BeLike '{*"title":"two"*}'
        $json.Operations[0].Risk | Should -Be 'Low'
    }

    It 'completes strategies with what they mean' {
        $found = (TabExpansion2 'New-RepairPlan -Strategy lat').CompletionMatches
        $found[0].CompletionText | Should -Be 'LatestWins'
        $found[0].ToolTip | Should -BeLike '*latest timestamp*'
    }
}
