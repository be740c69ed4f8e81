Describe 'Update-IntegritySummary' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/Events.ps1
        Use-FreshLedger $TestDrive
        $database = New-EventDatabase "$TestDrive/app.db"
        $null = Install-IntegritySummary $database healarr -Force
    }

    It 'brings rows back to their events, once' {
        Invoke-Sql $database "UPDATE corruption_summary SET current_state = 'x'; DELETE FROM corruption_summary WHERE corruption_id = 'b'"
        Update-IntegritySummary $database -WhatIf | ForEach-Object Outcome | Should -Be 'WouldApply', 'WouldApply'
        Update-IntegritySummary $database -Force | ForEach-Object Outcome | Should -Be 'Applied', 'Applied'
        (Test-IntegritySummary $database).Ok | Should -BeTrue
        Update-IntegritySummary $database -Force | Should -BeNullOrEmpty
    }
}
