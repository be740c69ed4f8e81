BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Backup-IntegrityStore -Type Configuration' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        Set-Content "$TestDrive/app.ini" 'mode=fast'
        Set-Content "$TestDrive/integrity.yaml" 'configuration_files: [ app.ini ]'
        $with = @{ Config = "$TestDrive/integrity.yaml" }
    }

    It 'writes nothing and removes nothing with -WhatIf, which it did not take' {
        Backup-IntegrityStore -Type Configuration -Destination "$TestDrive/none" -KeepDays 1 -WhatIf @with | Should -BeNullOrEmpty
        "$TestDrive/none" | Should -Not -Exist
    }

    It 'saves the configuration and the configured files, which come back by the same verbs' {
        $made = Backup-IntegrityStore -Type Configuration -Destination "$TestDrive/own" @with
        $made.Counts['files'] | Should -Be 2
        ($made | Test-IntegrityBackup @with).Faults | Should -BeNullOrEmpty
        Remove-Item "$TestDrive/app.ini"
        ($made | Restore-IntegrityStore -Force @with).Written | Should -Be 1
        Get-Content "$TestDrive/app.ini" | Should -Be 'mode=fast'
    }
}

Describe 'Backup-IntegrityStore' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl")
        $with = @{ Credential = $server.Credential }
    }

    AfterAll { Stop-CouchServer $server }

    It 'saves a store, verified, and leaves it as it was' {
        $before = Get-CouchSequence $server $store
        $made = Backup-IntegrityStore $store "$TestDrive/full" @with
        $made.Mode | Should -Be 'Full'
        $made.VerifiedAt | Should -Not -BeNullOrEmpty
        $made.Counts['documents'] | Should -Be 24
        Test-Path $made.Path | Should -BeTrue
        Get-CouchSequence $server $store | Should -Be $before
    }

    It 'saves what changed since' {
        $first = Backup-IntegrityStore $store "$TestDrive/chain" -Incremental @with
        $second = Backup-IntegrityStore $store "$TestDrive/chain" -Incremental @with
        $second.Parent | Should -Be $first.Id
        $second.Counts['documents'] | Should -Be 0
    }

    It 'removes what has expired, except for the newest' {
        1..3 | ForEach-Object { $null = Backup-IntegrityStore $store "$TestDrive/kept" -KeepDays 0 @with }
        @(Get-IntegrityBackup -Path "$TestDrive/kept").Count | Should -Be 1
    }

    It 'says that a dump has no backup of its own' {
        { Backup-IntegrityStore "couchdump:$TestDrive/dump.jsonl" "$TestDrive/none" -ErrorAction Stop } |
            Should -Throw -ErrorId 'UnknownStore,IntegrityTools.PowerShell.Commands.BackupIntegrityStore'
    }

    It 'completes stores' {
        (TabExpansion2 'Backup-IntegrityStore ').CompletionMatches.CompletionText | Should -Contain 'shop'
    }
}
