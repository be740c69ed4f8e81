Describe 'Get-IntegrityReport' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $issues = Get-IntegrityIssue $dump
        $results = $issues | New-RepairPlan | Invoke-RepairPlan -Destination "$TestDrive/repaired.jsonl" -Confirm:$false
    }

    It 'lists scans and executions' {
        $reports = @(Get-IntegrityReport)
        $reports.Count | Should -Be 2
        $reports[0].ScanId | Should -Be $issues[0].ScanId
        $reports[1].Id | Should -Be $results[0].ExecutionId
    }

    It 'tells what a scan did' {
        $report = Get-IntegrityReport $issues[0].ScanId
        $report.Status | Should -Be 'success'
        $report.Issues | Should -Be 4
        $report.Documents | Should -Be 24
        $report.IssuesBySeverity['critical'] | Should -Be 1
        $report.NotLookedFor | Should -Contain 'semantic_duplicate'
        $report | Format-List | Out-String -Width 200 | Should -Match 'NotLookedFor\s+:.*semantic_duplicate'
    }

    It 'takes wildcards, issues and results' {
        @(Get-IntegrityReport 'scan-*').Count | Should -Be 1
        ($issues[0] | Get-IntegrityReport).ScanId | Should -Be $issues[0].ScanId
        ($results[0] | Get-IntegrityReport).Id | Should -Be $results[0].ExecutionId
    }

    It 'names an id that is not there' {
        { Get-IntegrityReport 'scan-nowhere' -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'shows both kinds in one table' {
        Get-IntegrityReport | Out-String -Width 80 | Should -Not -Match '…'
        $text = Get-IntegrityReport | Out-String -Width 140
        $text | Should -Match 'Id\s+Status\s+StartedAt\s+Result\s+Store'
        $text | Should -Match '4 issues in 24'
        $text | Should -Match '3 applied, 1 needs_review'
    }

    It 'tells what scans and repairs come to' {
        $summary = Get-IntegrityReport -Summary shop
        $summary.CommonestTypes[0].Type | Should -Be 'revision_conflict'
        $summary.Issues['resolved'] | Should -Be 3
        $summary.AutoResolveRate | Should -Be 0.75
        $summary.OperationMs.Count | Should -Be 3
        @($summary.SlowestResolutions).Count | Should -Be 3
        (Get-IntegrityReport -Summary -Since (Get-Date).AddDays(1)).Scans.Count | Should -Be 0
        $summary | Out-String | Should -Match 'CommonestTypes +: +3 revision_conflict'

        # Behind an object of another type PowerShell shows members as they are.
        & { Get-IntegrityHealth shop; $summary } | Out-String | Should -Match 'CommonestTypes +: +\{3 revision_conflict, \d resolved'
    }

    It 'completes ids' {
        (TabExpansion2 'Get-IntegrityReport sc').CompletionMatches.CompletionText | Should -Contain $issues[0].ScanId
    }
}
