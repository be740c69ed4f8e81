Describe 'Export-RepairPlan' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $plan = New-RepairPlan $dump
    }

    It 'writes JSON with snake_case names, from the pipeline' {
        $plan | Export-RepairPlan -Destination "$TestDrive/plan.json"
        $read = Get-Content "$TestDrive/plan.json" -Raw | ConvertFrom-Json
        $read.digest | Should -Be $plan.Digest
        $read.operations[0].issue_id | Should -Not -BeNullOrEmpty
    }

    It 'takes an id and a folder' {
        $null = New-Item "$TestDrive/folder" -ItemType Directory
        $file = Export-RepairPlan $plan.Id "$TestDrive/folder" -PassThru
        $file.Name | Should -Be "$($plan.Id).json"
    }

    It 'writes over a file with -Force only' {
        Set-Content "$TestDrive/kept.json" 'precious'
        { $plan | Export-RepairPlan -Destination "$TestDrive/kept.json" } | Should -Throw -ErrorId 'InvalidArgument,*'
        Get-Content "$TestDrive/kept.json" | Should -Be 'precious'
        $plan | Export-RepairPlan -Destination "$TestDrive/kept.json" -Force
        Get-Content "$TestDrive/kept.json" -Raw | Should -BeLike "*$($plan.Id)*"
    }

    It 'says so when the folder is not there' {
        { $plan | Export-RepairPlan -Destination "$TestDrive/no/such/plan.json" } | Should -Throw -ErrorId 'InvalidArgument,*'
    }
}
