Describe 'Optimize-IntegrityStore' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/Events.ps1
        Use-FreshLedger $TestDrive
        $database = New-EventDatabase "$TestDrive/app.db"
    }

    It 'tells each step, and writes nothing with -WhatIf' {
        $before = (Get-FileHash $database).Hash
        (Optimize-IntegrityStore $database -WhatIf).DryRun | Should -BeTrue
        (Get-FileHash $database).Hash | Should -Be $before
        $report = $database | Optimize-IntegrityStore
        $report.Steps.Name | Should -Be 'incremental_vacuum', 'optimize', 'checkpoint'
        $report | Out-String -Width 200 | Should -Match 'checkpoint: Nothing'
    }

    It 'has nothing for a dump' {
        { Optimize-IntegrityStore shop } | Should -Throw -ErrorId 'InvalidArgument*'
    }
}
