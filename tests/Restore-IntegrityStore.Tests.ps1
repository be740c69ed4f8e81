BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Restore-IntegrityStore' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl")
        $with = @{ Credential = $server.Credential }
        $made = Backup-IntegrityStore $store "$TestDrive/backups" @with
    }

    AfterAll { Stop-CouchServer $server }

    It 'tells with -WhatIf what it would write, and writes nothing' {
        $report = $made | Restore-IntegrityStore -Store "$($server.Address)/dry" -WhatIf @with
        $report.DryRun | Should -BeTrue
        $report.Written | Should -Be 24
        { Invoke-RestMethod "$($server.Url)/dry" -Headers $server.Headers } | Should -Throw
    }

    It 'asks before it writes' {
        $command = Get-Command Restore-IntegrityStore
        $metadata = [Management.Automation.CommandMetadata]::new($command)
        $metadata.ConfirmImpact | Should -Be 'High'
    }

    It 'restores a backup into a new database, and only what is missing into an old one' {
        $copy = "$($server.Address)/copy"
        (Restore-IntegrityStore $made $copy -Force @with).Written | Should -Be 24
        (Restore-IntegrityStore $made.Id $copy -Force @with).Unchanged | Should -Be 24
        @(Get-IntegrityIssue $copy @with).Count | Should -Be @(Get-IntegrityIssue $store @with).Count
    }

    It 'is taken back by Undo-RepairExecution' {
        $copy = "$($server.Address)/undone"
        $report = Restore-IntegrityStore $made $copy -Force @with
        $report.ExecutionId | Should -Match '^exec-'
        (Undo-RepairExecution $report.ExecutionId -Confirm:$false @with).Outcome | Should -Be 'Applied'
        (Invoke-RestMethod "$($server.Url)/undone" -Headers $server.Headers).doc_count | Should -Be 0
    }

    It 'names a backup that is not there' {
        { Restore-IntegrityStore "$TestDrive/nowhere.manifest.json" -Force } | Should -Throw -ErrorId 'NotFound,IntegrityTools.PowerShell.Commands.RestoreIntegrityStore'
    }

    It 'shows a table' {
        Restore-IntegrityStore $made "$($server.Address)/copy" -WhatIf @with | Out-String -Width 120 | Should -Match 'DryRun\s+Written\s+Unchanged\s+Newer'
    }
}

Describe 'Restore-IntegrityStore of a SQLite database' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        # The ledger is the SQLite database at hand.
        Get-IntegrityIssue (New-ConflictDump "$TestDrive/dump.jsonl") | Out-Null
        $database = (New-Item -ItemType Directory "$TestDrive/data").FullName + '/app.db'
        (Backup-IntegrityStore $env:INTEGRITY_LEDGER "$TestDrive/first") | Restore-IntegrityStore -Store "sqlite:$database" -Force | Out-Null
        $made = Backup-IntegrityStore "sqlite:$database" "$TestDrive/backups"
    }

    It 'names the process that has the file open, and replaces it with -WhileOpen only' -Skip:(-not $IsLinux) {
        $other = Start-Process tail -ArgumentList '-f', $database -PassThru
        try {
            while (-not (Get-ChildItem "/proc/$($other.Id)/fd" | Where-Object Target -EQ $database)) { }
            { Restore-IntegrityStore $made -Overwrite -Force } | Should -Throw "Process $($other.Id) (tail) has the database open*" -ErrorId 'InvalidState,IntegrityTools.PowerShell.Commands.RestoreIntegrityStore'
            (Restore-IntegrityStore $made -Overwrite -Force -WhileOpen).Written | Should -Be 1
        }
        finally {
            $other.Kill()
        }
    }
}

Describe 'Restore-IntegrityStore -Salvage' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        # The ledger is the SQLite database at hand: a scan fills it.
        $null = Get-IntegrityIssue (New-ConflictDump "$TestDrive/dump.jsonl")
        $events = (Test-IntegrityAudit).Events
        $damaged = "$TestDrive/damaged it's.db"
        $bytes = [IO.File]::ReadAllBytes($env:INTEGRITY_LEDGER)
        [Array]::Clear($bytes, 0, 100)
        [IO.File]::WriteAllBytes($damaged, $bytes)
        if (Test-Path "$env:INTEGRITY_LEDGER-wal") { Copy-Item "$env:INTEGRITY_LEDGER-wal" "$damaged-wal" }
        $hash = (Get-FileHash $damaged).Hash
    }

    It 'gives back the rows of a file whose header is gone, and leaves the file alone' {
        $report = Restore-IntegrityStore -Salvage $damaged "$TestDrive/new.db" -WarningAction SilentlyContinue -WarningVariable warned
        ($report.Tables | Where-Object Name -EQ event).Rows | Should -Be $events
        "$warned" | Should -Match 'header is lost'
        (Get-FileHash $damaged).Hash | Should -Be $hash
        $report | Out-String | Should -Match "event $events"
        $report.Tables | Out-String -Width 120 | Should -Match 'PagesLost'
    }

    It 'takes files from the pipeline and writes nothing with -WhatIf' {
        Get-Item $damaged | Restore-IntegrityStore -Salvage -Destination "$TestDrive/none.db" -WhatIf
        Test-Path "$TestDrive/none.db" | Should -BeFalse
    }

    It 'writes over a file that exists with -Force only' {
        Set-Content "$TestDrive/there.db" 'x'
        { Restore-IntegrityStore -Salvage $damaged "$TestDrive/there.db" } | Should -Throw -ErrorId 'InvalidArgument,*'
        $report = Restore-IntegrityStore -Salvage $damaged "$TestDrive/there.db" -Force -WarningAction SilentlyContinue
        $report.Rows | Should -BeGreaterThan 0
    }

    It 'says that a file is no database' {
        Set-Content "$TestDrive/text.db" ('text ' * 1000)
        { Restore-IntegrityStore -Salvage "$TestDrive/text.db" "$TestDrive/x.db" } | Should -Throw -ErrorId 'DamagedFile,*'
    }

    It 'completes what is done with a log' {
        $line = 'Restore-IntegrityStore -Salvage a.db b.db -Wal '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be @('Committed', 'Ignore', 'Everything')
    }
}
