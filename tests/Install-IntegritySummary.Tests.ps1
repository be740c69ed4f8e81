Describe 'Install-IntegritySummary' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/Events.ps1
        Use-FreshLedger $TestDrive
    }

    BeforeEach { $database = New-EventDatabase "$TestDrive/$([guid]::NewGuid()).db" }

    It 'makes the table, and undo takes it away' {
        $result = Install-IntegritySummary $database healarr -Force
        $result.Outcome | Should -Be 'Applied'
        (Test-IntegritySummary $database).Rows | Should -Be 2
        Undo-RepairExecution $result.ExecutionId -Force | Should -Not -BeNullOrEmpty
        (Test-IntegritySummary $database healarr).Installed | Should -BeFalse
    }

    It 'writes nothing with -WhatIf, and says what it would' {
        $before = (Get-FileHash $database).Hash
        $result = Install-IntegritySummary $database healarr -RedefineView -WhatIf
        $result.Outcome | Should -Be 'WouldApply'
        $result.Message | Should -Match 'corruption_status'
        (Get-FileHash $database).Hash | Should -Be $before
    }

    It 'has nothing to do the second time' {
        $null = Install-IntegritySummary $database healarr -Force
        Install-IntegritySummary $database healarr -Force | Should -BeNullOrEmpty
    }

    It 'tells an unknown definition with the nearest one' {
        { Install-IntegritySummary $database healar -Force } | Should -Throw "*Did you mean 'healarr'*" -ErrorId 'InvalidArgument*'
    }

    It 'completes definitions' {
        (TabExpansion2 'Install-IntegritySummary x -Definition hea').CompletionMatches.CompletionText | Should -Be 'healarr'
    }
}
