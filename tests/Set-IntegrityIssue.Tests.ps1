Describe 'Set-IntegrityIssue' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
    }

    BeforeEach {
        Use-FreshLedger $TestDrive
        Remove-Item "$TestDrive/ledger.db*"
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $null = Get-IntegrityIssue $dump
    }

    It 'ignores issues by pipeline until a day: scans, plans and the open queue leave them out' {
        Get-IntegrityIssue -FromLedger -MinimumSeverity Critical | Set-IntegrityIssue -Ignore -Reason 'all are meant' -Until (Get-Date).AddDays(30)
        (Get-IntegrityIssue $dump).Subject | Should -Not -Contain 'crowded'
        (New-RepairPlan $dump).Operations.Subject | Should -Not -Contain 'crowded'
        (Get-IntegrityIssue -FromLedger).Subject | Should -Not -Contain 'crowded'
        $ignored = Get-IntegrityIssue -Status Ignored
        $ignored.Subject | Should -Be 'crowded'
        $ignored.Reason | Should -Be 'all are meant'
        ($ignored.Until - (Get-Date)).TotalDays | Should -BeGreaterThan 29
    }

    It 'reopens by id, and shows the issue with -PassThru' {
        $id = (Get-IntegrityIssue $dump)[0].Id
        $null = Set-IntegrityIssue $id -Ignore -Reason 'later' -Until '2999-01-01'
        $issue = Set-IntegrityIssue $id -Reopen -PassThru
        $issue.Status | Should -Be 'Reopened'
        $issue.Until | Should -BeNullOrEmpty
        @(Get-IntegrityIssue $dump).Count | Should -Be 4
    }

    It 'changes nothing with -WhatIf' {
        Get-IntegrityIssue -FromLedger | Set-IntegrityIssue -Ignore -Reason 'later' -Until '2999-01-01' -WhatIf
        @(Get-IntegrityIssue -Status Ignored).Count | Should -Be 0
    }

    It 'refuses an unknown issue, a day that has passed, and a missing reason' {
        { Set-IntegrityIssue 'issue-0' -Reopen } | Should -Throw -ErrorId 'NotFound,*'
        $id = (Get-IntegrityIssue $dump)[0].Id
        { Set-IntegrityIssue $id -Ignore -Reason 'x' -Until '2020-01-01' } | Should -Throw -ErrorId 'InvalidArgument,*'
        { Set-IntegrityIssue $id -Ignore -Reason '' -Until '2999-01-01' } | Should -Throw
    }

    It 'completes ids with what they are about' {
        $completion = (TabExpansion2 'Set-IntegrityIssue issue-').CompletionMatches[0]
        $completion.CompletionText | Should -BeLike 'issue-*'
        $completion.ToolTip | Should -BeLike 'critical revision_conflict of crowded, open*'
    }
}
