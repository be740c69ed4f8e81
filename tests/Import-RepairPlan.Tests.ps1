Describe 'Import-RepairPlan' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $plan = New-RepairPlan $dump
        $plan | Export-RepairPlan -Destination "$TestDrive/plan.json"
        $changed = Join-Path $TestDrive 'changed.json'
        (Get-Content "$TestDrive/plan.json" -Raw) -replace '"title": ?"two"', '"title":"three"' -replace '\\"title\\":\\"two\\"', '\"title\":\"three\"' |
            Set-Content $changed -NoNewline
    }

    It 'brings a plan back under its own id, into another ledger too' {
        (Import-RepairPlan "$TestDrive/plan.json").Id | Should -Be $plan.Id
        $there = Import-RepairPlan "$TestDrive/plan.json" -Ledger "$TestDrive/elsewhere.db"
        (Get-RepairPlan -Ledger "$TestDrive/elsewhere.db").Id | Should -Be $there.Id
    }

    It 'takes files from the pipeline and wildcards' {
        (Get-Item "$TestDrive/plan.json" | Import-RepairPlan).Id | Should -Be $plan.Id
        (Import-RepairPlan "$TestDrive/pla?.json").Id | Should -Be $plan.Id
    }

    It 'refuses a plan that was changed by hand' {
        { Import-RepairPlan $changed } | Should -Throw -ErrorId 'PlanChanged,*'
    }

    It 'takes changes that are accepted, under a new id' {
        $accepted = Import-RepairPlan $changed -AcceptChanges
        $accepted.Id | Should -Not -Be $plan.Id
        $accepted.DerivedFrom | Should -Be $plan.Id
        (Get-RepairPlan $accepted.Id).Digest | Should -Be $accepted.Digest
    }

    It 'says what is wrong with a file that is no plan' {
        Set-Content "$TestDrive/no-plan.json" '{"id":'
        { Import-RepairPlan "$TestDrive/no-plan.json" } | Should -Throw -ErrorId 'DamagedFile,*'
        { Import-RepairPlan "$TestDrive/not-there.json" } | Should -Throw -ErrorId 'NotFound,*'
    }
}
