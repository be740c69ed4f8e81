BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Get-IntegrityBackup' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl")
        $first = Backup-IntegrityStore $store "$TestDrive/a" -Credential $server.Credential
        $second = Backup-IntegrityStore $store "$TestDrive/b" -Credential $server.Credential
    }

    AfterAll { Stop-CouchServer $server }

    It 'lists what the ledger knows, newest first' {
        (Get-IntegrityBackup).Id | Should -Be @($second.Id, $first.Id)
    }

    It 'lists a folder' {
        (Get-IntegrityBackup -Path "$TestDrive/a").Id | Should -Be $first.Id
    }

    It 'takes an id and the pipeline, and names one that is not there' {
        ($first.Id | Get-IntegrityBackup).Path | Should -Be $first.Path
        { Get-IntegrityBackup 'backup-nowhere' -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,IntegrityTools.PowerShell.Commands.GetIntegrityBackup'
    }

    It 'completes ids' {
        (TabExpansion2 'Get-IntegrityBackup ').CompletionMatches.CompletionText | Should -Contain $first.Id
    }

    It 'shows a table' {
        $text = Get-IntegrityBackup | Out-String -Width 80
        $text | Should -Match 'Id\s+Created \(UTC\)\s+Mode\s+KiB Verified Store'
        @($text.Trim() -split '\r?\n').Count | Should -Be 4
    }
}
