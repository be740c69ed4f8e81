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

    It 'restores chosen documents, under another database''s name, and no others' {
        $id = (Invoke-RestMethod "$($server.Url)/$(($store -split '/')[-1])/_all_docs?limit=1" -Headers $server.Headers).rows[0].id
        $copy = "$($server.Address)/chosen"
        (Restore-IntegrityStore $made $copy -Subject $id -Force @with).Written | Should -Be 1
        (Invoke-RestMethod "$($server.Url)/chosen/_all_docs" -Headers $server.Headers).rows.id | Should -Be $id
    }

    It 'restores a chain to each of its points' {
        $own = New-CouchDatabase $server (New-ConflictDump "$TestDrive/chain.jsonl")
        $url = "$($server.Url)/$(($own -split '/')[-1])"
        $first = Backup-IntegrityStore $own "$TestDrive/points" @with
        $null = Invoke-RestMethod "$url/later" -Method Put -Headers $server.Headers -Body '{"at":1}' -ContentType application/json
        $second = Backup-IntegrityStore $own "$TestDrive/points" -Incremental @with
        $second.Parent | Should -Be $first.Id
        (Restore-IntegrityStore $first "$($server.Address)/point1" -Force @with).Written | Should -Be 24
        (Restore-IntegrityStore $second "$($server.Address)/point2" -Force @with).Written | Should -Be 25
        { Invoke-RestMethod "$($server.Url)/point1/later" -Headers $server.Headers } | Should -Throw
        (Invoke-RestMethod "$($server.Url)/point2/later" -Headers $server.Headers).at | Should -Be 1
    }

    It 'lists what is newer in the database with -WhatIf, leaves it alone, and overwrites it with -Overwrite only' {
        $copy = "$($server.Address)/newer"
        $null = Restore-IntegrityStore $made $copy -Force @with
        $document = (Invoke-RestMethod "$($server.Url)/newer/_all_docs?include_docs=true&limit=1" -Headers $server.Headers).rows[0].doc
        $document | Add-Member edited 5
        $null = Invoke-RestMethod "$($server.Url)/newer/$([Uri]::EscapeDataString($document._id))" -Method Put -Headers $server.Headers -Body ($document | ConvertTo-Json -Depth 20) -ContentType application/json
        (Restore-IntegrityStore $made $copy -WhatIf @with -WarningAction SilentlyContinue).Newer | Should -Be $document._id
        $report = Restore-IntegrityStore $made $copy -Force @with -WarningVariable warned -WarningAction SilentlyContinue
        $report.Overwritten | Should -BeFalse
        "$warned" | Should -Match 'Left alone, since newer than the backup or other: 1 subject'
        (Invoke-RestMethod "$($server.Url)/newer/$([Uri]::EscapeDataString($document._id))" -Headers $server.Headers).edited | Should -Be 5
        (Restore-IntegrityStore $made $copy -Overwrite -Force @with).Overwritten | Should -BeTrue
        (Invoke-RestMethod "$($server.Url)/newer/$([Uri]::EscapeDataString($document._id))" -Headers $server.Headers).PSObject.Properties.Name | Should -Not -Contain 'edited'
    }

    It 'restores what can be read of a damaged dump of another program with -SkipDamaged only' {
        Set-Content "$TestDrive/foreign.jsonl" '[{"_id":"a","_rev":"1-a","x":1}]', '[{"_id":"b",]', '[{"_id":"c","_rev":"1-a","x":3}]'
        $copy = "$($server.Address)/foreign"
        { Restore-IntegrityStore "$TestDrive/foreign.jsonl" $copy -Force @with -ErrorAction Stop } | Should -Throw -ErrorId 'DamagedFile,*'
        $report = Restore-IntegrityStore "$TestDrive/foreign.jsonl" $copy -SkipDamaged -Force @with -WarningVariable warned -WarningAction SilentlyContinue
        $report.Written | Should -Be 2
        $report.Damaged | Should -Match '^line 2:'
        "$warned" | Should -Match 'cannot be read in 1 place'
    }

    It 'names a backup that is not there' {
        { Restore-IntegrityStore "$TestDrive/nowhere.manifest.json" -Force } | Should -Throw -ErrorId 'NotFound,IntegrityTools.PowerShell.Commands.RestoreIntegrityStore'
    }

    It 'shows a table' {
        Restore-IntegrityStore $made "$($server.Address)/copy" -WhatIf @with | Out-String -Width 120 | Should -Match 'DryRun\s+Written\s+Unchanged\s+Newer\s+Overwritten\s+Changed\s+Failed'
    }
}

Describe 'Restore-IntegrityStore of a SQLite database' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $database = New-SqliteDatabase $TestDrive
        $made = Backup-IntegrityStore "sqlite:$database" "$TestDrive/backups"
    }

    It 'says nothing of newer when the file is what it restored, and does not guess which of two is newer' {
        $copy = "sqlite:$TestDrive/data/copy.db"
        (Restore-IntegrityStore $made $copy -Force).Written | Should -Be 1
        $again = Restore-IntegrityStore $made $copy -Force -WarningVariable warned
        $again.Unchanged, $again.Written, $again.Newer.Count | Should -Be 1, 0, 0
        "$warned" | Should -BeNullOrEmpty
        $other = Restore-IntegrityStore $made "sqlite:$PSScriptRoot/data/orphaned-rows.db" -WhatIf -WarningVariable warned -WarningAction SilentlyContinue
        $other.Newer.Count | Should -Be 1
        "$warned" | Should -Match 'which of the two is newer, nothing in them tells'
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
