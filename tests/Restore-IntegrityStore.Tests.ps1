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

    It 'names a backup that is not there' {
        { Restore-IntegrityStore "$TestDrive/nowhere.manifest.json" -Force } | Should -Throw -ErrorId 'NotFound,IntegrityTools.PowerShell.Commands.RestoreIntegrityStore'
    }

    It 'shows a table' {
        Restore-IntegrityStore $made "$($server.Address)/copy" -WhatIf @with | Out-String -Width 120 | Should -Match 'DryRun\s+Written\s+Unchanged\s+Newer'
    }
}
