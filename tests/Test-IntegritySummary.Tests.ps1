Describe 'Test-IntegritySummary' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/Events.ps1
        Use-FreshLedger $TestDrive
    }

    BeforeEach {
        $database = New-EventDatabase "$TestDrive/$([guid]::NewGuid()).db"
        $null = Install-IntegritySummary $database healarr -Force
    }

    It 'is content with what the trigger keeps' {
        $report = $database | Test-IntegritySummary
        $report.Ok | Should -BeTrue
        $report | Out-String | Should -Match 'corruption_summary'
    }

    It 'finds what was edited by hand, and its report goes on to a plan' {
        Invoke-Sql $database "UPDATE corruption_summary SET retry_count = 9 WHERE corruption_id = 'a'"
        $report = Test-IntegritySummary $database
        $report.Ok | Should -BeFalse
        $report | Out-String -Width 160 | Should -Match 'retry_count is 9, and the events make it 1'
        ($report | New-RepairPlan | Invoke-RepairPlan -Force).Outcome | Should -Be 'Applied'
        (Test-IntegritySummary $database).Ok | Should -BeTrue
    }

    It 'says that a database has no summary, and records no scan of it' {
        Test-IntegritySummary (New-EventDatabase "$TestDrive/none.db") -ErrorAction SilentlyContinue -ErrorVariable failure
        $failure.FullyQualifiedErrorId | Should -Match '^NotInstalled'
        Get-IntegrityReport | Where-Object Store -Like '*none.db' | Should -BeNullOrEmpty
    }
}
