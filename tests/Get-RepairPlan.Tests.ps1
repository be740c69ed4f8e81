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
