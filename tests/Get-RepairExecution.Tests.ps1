Describe 'Get-RepairExecution' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $plan = New-RepairPlan $dump
        $results = $plan | Invoke-RepairPlan -Destination "$TestDrive/repaired.jsonl" -Confirm:$false
    }

    It 'reads what a run did' {
        $execution = Get-RepairExecution $results[0].ExecutionId
        $execution.Status | Should -Be 'Completed'
        $execution.PlanId | Should -Be $plan.Id
        $execution.Outcomes['applied'] | Should -Be 3
    }

    It 'takes wildcards, results and executions from the pipeline' {
        @(Get-RepairExecution 'exec-*').Count | Should -Be 1
        ($results[0] | Get-RepairExecution).Id | Should -Be $results[0].ExecutionId
        (Get-RepairExecution | Get-RepairExecution).Id | Should -Be $results[0].ExecutionId
    }

    It 'has nothing pending after a run to the end' {
        Get-RepairExecution -Pending | Should -BeNullOrEmpty
    }

    It 'names an id that is not there' {
        { Get-RepairExecution 'exec-nowhere' -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
        { Get-RepairExecution 'exec-nowhere' -Pending -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'completes ids' {
        (TabExpansion2 'Get-RepairExecution ex').CompletionMatches.CompletionText | Should -Contain $results[0].ExecutionId
    }

    It 'shows a table with the outcomes' {
        Get-RepairExecution | Out-String -Width 80 | Should -Match '(?s)3 applied .*1 needs_review'
        Get-RepairExecution | Out-String -Width 80 | Should -Match 'dump\.jsonl'
        Get-RepairExecution | Out-String -Width 80 | Should -Not -Match '…'
    }
}
