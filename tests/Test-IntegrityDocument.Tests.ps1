BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Test-IntegrityDocument' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        Set-Content $env:INTEGRITY_CONFIG @'
validation:
  required_fields: { Task: [title] }
  references: [ { document_type: Task, path: parent } ]
'@
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl")
        $with = @{ Store = $store; Credential = $server.Credential }
        $sequence = Get-CouchSequence $server $store
    }

    AfterAll { Stop-CouchServer $server }

    It 'gives the issues that a scan would, and none for what is right' {
        $issues = @{ _id = 'n'; '@type' = 'Task'; parent = 'nowhere' } | Test-IntegrityDocument @with
        $issues.Type | Sort-Object | Should -Be 'missing_field', 'missing_reference'
        '{"_id":"n","@type":"Task","title":"x","parent":"sound-1"}' | Test-IntegrityDocument @with | Should -BeNullOrEmpty
    }

    It 'writes nothing' {
        Get-CouchSequence $server $store | Should -Be $sequence
    }

    It 'names a store that takes no single documents' {
        { Test-IntegrityDocument "$TestDrive/dump.jsonl" @{ _id = 'n' } -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidArgument,*'
    }
}
