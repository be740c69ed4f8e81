Describe 'Test-IntegrityAudit' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $null = Get-IntegrityIssue (New-ConflictDump "$TestDrive/dump.jsonl")
    }

    It 'finds a sound ledger sound' {
        $audit = Test-IntegrityAudit
        $audit.Ok | Should -BeTrue
        $audit.Events | Should -BeGreaterThan 4
        $audit.LastHash | Should -Match '^[0-9a-f]{64}$'
    }

    It 'names an event whose bytes were changed in the file' {
        $bytes = [IO.File]::ReadAllBytes($env:INTEGRITY_LEDGER)
        $text = [Text.Encoding]::Latin1.GetString($bytes)
        $changed = "$TestDrive/changed.db"
        [IO.File]::WriteAllBytes($changed, [Text.Encoding]::Latin1.GetBytes($text.Replace('issue_found', 'issue_hound')))
        if (Test-Path "$env:INTEGRITY_LEDGER-wal") {
            $wal = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes("$env:INTEGRITY_LEDGER-wal"))
            $wal.Contains('issue_found') | Should -BeFalse -Because 'the test changes what is in the file itself'
        }

        $audit = Test-IntegrityAudit -Ledger $changed
        $audit.Ok | Should -BeFalse
        $audit.Faults[0].Number | Should -BeGreaterThan 0
        $audit | Out-String -Width 140 | Should -Match 'False'
    }

    It 'says so when the ledger is no ledger' {
        Set-Content "$TestDrive/text.db" 'this is no database, and it is long enough to be looked at'
        { Test-IntegrityAudit -Ledger "$TestDrive/text.db" -ErrorAction Stop } | Should -Throw -ErrorId 'LedgerUnavailable,*'
    }
}
