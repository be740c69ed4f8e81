BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Test-IntegrityBackup' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl")
        $made = Backup-IntegrityStore $store "$TestDrive/backups" -Credential $server.Credential
    }

    AfterAll { Stop-CouchServer $server }

    It 'restores a backup elsewhere and scans it there' {
        $result = $made | Test-IntegrityBackup
        $result.Ok | Should -BeTrue
        $result.IssuesByType['revision_conflict'] | Should -Be 3
        $result.RestoredTo | Should -Match '^couchdump:'
        $result | Out-String -Width 160 | Should -Match 'NotLookedFor\s+:.*id_collision'
    }

    It 'restores to a scratch database on a server' {
        (Test-IntegrityBackup $made -Store $store -Credential $server.Credential).RestoredTo | Should -Match '/integrity_test_'
        Invoke-RestMethod "$($server.Url)/_all_dbs" -Headers $server.Headers | Should -Not -Match 'integrity_test_'
    }

    It 'tells damage with its place, and shows it' {
        $copy = New-Item "$TestDrive/damaged" -ItemType Directory
        Copy-Item "$TestDrive/backups/*" $copy
        $file = (Get-ChildItem $copy -Filter *.gz).FullName
        $bytes = [IO.File]::ReadAllBytes($file)
        $bytes[500] = $bytes[500] -bxor 1
        [IO.File]::WriteAllBytes($file, $bytes)
        $result = Test-IntegrityBackup $copy
        $result.Ok | Should -BeFalse
        @($result.Faults)[0].Place | Should -Match '^bytes 0 to \d+$'
        $result | Out-String -Width 160 | Should -Match 'Faults\s+:.*bytes 0 to'
    }
}
