Describe 'Get-RepairPlan' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $first = New-RepairPlan $dump
        $second = New-RepairPlan $dump
    }

    It 'lists plans, newest first' {
        (Get-RepairPlan).Id | Should -Be @($second.Id, $first.Id)
    }

    It 'lists those of the default store, of another one that is named, or of all stores; an id is found whichever store it is of' {
        Copy-Item $dump "$TestDrive/other.jsonl"
        $ledger = @{ Ledger = "$TestDrive/stores.db" }
        $here = New-RepairPlan shop @ledger
        $other = New-RepairPlan "$TestDrive/other.jsonl" @ledger
        $run = $other | Invoke-RepairPlan -Destination "$TestDrive/other-repaired.jsonl" -Force @ledger | Select-Object -First 1
        (Get-RepairPlan @ledger).Id | Should -Be $here.Id
        (Get-RepairPlan -Store "$TestDrive/other.jsonl" @ledger).Id | Should -Be $other.Id
        (Get-RepairPlan -AllStores @ledger).Id | Should -Be @($other.Id, $here.Id)
        (Get-RepairPlan plan-* @ledger).Count | Should -Be 2
        Get-RepairExecution @ledger | Should -BeNullOrEmpty
        (Get-RepairExecution -AllStores @ledger).Id | Should -Be $run.ExecutionId
        (Get-RepairExecution $run.ExecutionId @ledger).Id | Should -Be $run.ExecutionId
        @(Get-IntegrityReport @ledger).Store | Should -Be $here.Store
        @(Get-IntegrityReport -AllStores @ledger).Count | Should -Be 3
        (Get-IntegrityReport $other.ScanId @ledger).Store | Should -Be $other.Store
        (Get-IntegrityReport -Summary @ledger).Store | Should -Be $here.Store
        (Get-IntegrityReport -Summary -AllStores @ledger).Store | Should -BeNullOrEmpty
        Get-IntegrityIssue -FromLedger @ledger | ForEach-Object Store | Sort-Object -Unique | Should -Be $here.Store
        Get-IntegrityIssue -AllStores -Status Open, Planned, Resolved @ledger | ForEach-Object Store | Sort-Object -Unique | Should -HaveCount 2
        { Get-RepairPlan -Store shop -AllStores @ledger -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidArgument,*'
    }

    It 'takes an id, wildcards, and the pipeline' {
        (Get-RepairPlan $first.Id).Operations.Count | Should -Be 4
        @(Get-RepairPlan 'plan-*').Count | Should -Be 2
        ($first.Id | Get-RepairPlan).Digest | Should -Be $first.Digest
        ($first | Get-RepairPlan).Id | Should -Be $first.Id
    }

    It 'names an id that is not there' {
        { Get-RepairPlan 'plan-nowhere' -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,IntegrityTools.PowerShell.Commands.GetRepairPlan'
    }

    It 'completes ids' {
        (TabExpansion2 'Get-RepairPlan ').CompletionMatches.CompletionText | Should -Contain $first.Id
    }

    It 'shows a table' {
        Get-RepairPlan | Out-String -Width 120 | Should -Match 'Id\s+Operations\s+Review\s+Risk\s+Estimate\s+Store'
    }
}
