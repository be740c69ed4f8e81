BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Save-IntegrityDocument' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        Set-Content $env:INTEGRITY_CONFIG "validation: { required_fields: { Task: [title] } }"
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl")
        $with = @{ Store = $store; Credential = $server.Credential }
        $read = { param($id) Invoke-RestMethod "$($server.Url)/$($store.Split('/')[-1])/$id" -Headers $server.Headers }
    }

    AfterAll { Stop-CouchServer $server }

    It 'writes documents from the pipeline, objects and JSON text byte for byte' {
        $saved = @{ _id = 'one'; '@type' = 'Task'; title = 'x' }, '{"_id":"two","@type":"Task","title":"y","n":1.0}' | Save-IntegrityDocument @with
        $saved.Id | Should -Be 'one', 'two'
        $saved.Attempts | Should -Be 1, 1
        $saved[1].Document.Text | Should -BeLike '*"n":1.0*'
        (& $read 'one').title | Should -Be 'x'
    }

    It 'merges with what somebody else has written meanwhile' {
        $asRead = & $read 'one'
        $mine = $asRead | Select-Object *, @{ n = 'mine'; e = { 1 } }
        $theirs = $asRead | Select-Object *, @{ n = 'theirs'; e = { 2 } }
        $null = $theirs | Save-IntegrityDocument @with
        $saved = $mine | Save-IntegrityDocument @with -Original $asRead
        $saved.Merged | Should -BeTrue
        $now = & $read 'one'
        $now.mine, $now.theirs | Should -Be 1, 2
    }

    It 'refuses what breaks a rule, unless told not to look' {
        { Save-IntegrityDocument @with -Document @{ _id = 'wrong'; '@type' = 'Task' } -ErrorAction Stop } |
            Should -Throw -ErrorId 'DocumentRefused,IntegrityTools.PowerShell.Commands.SaveIntegrityDocument'
        { & $read 'wrong' } | Should -Throw
        (Save-IntegrityDocument @with -Document @{ _id = 'wrong'; '@type' = 'Task' } -SkipCheck).Id | Should -Be 'wrong'
    }

    It 'refuses an edit that collides, and says on what' {
        $asRead = & $read 'two'
        $null = $asRead | Select-Object * -ExcludeProperty title | Select-Object *, @{ n = 'title'; e = { 'theirs' } } | Save-IntegrityDocument @with
        $mine = $asRead | Select-Object * -ExcludeProperty title | Select-Object *, @{ n = 'title'; e = { 'mine' } }
        { $mine | Save-IntegrityDocument @with -ErrorAction Stop } | Should -Throw -ExpectedMessage '*title*' -ErrorId 'DocumentConflict,*'
        (& $read 'two').title | Should -Be 'theirs'
    }

    It 'goes on with the others when one is refused' {
        $given = @{ _id = 'p1' }, @{ _id = 'p2'; '@type' = 'Task' }, @{ _id = '_local/p3' }, @{ _id = 'p4' }
        ($given | Save-IntegrityDocument @with -ErrorAction SilentlyContinue -ErrorVariable refused).Id | Should -Be 'p1', 'p4'
        $refused.TargetObject | Should -Be 'p2', '_local/p3'
        $refused.FullyQualifiedErrorId | Should -BeLike 'DocumentRefused,*'
    }

    It 'writes dates that PowerShell has converted as they were' {
        $text = '"a":"2024-06-01T10:00:00+02:00","l":[{"b":"2024-06-01T10:00:00.000Z"}],"c":"2024-01-01T00:00:00"'
        $null = "{`"_id`":`"dates`",$text}" | Save-IntegrityDocument @with
        $asRead = & $read 'dates'
        $asRead.a | Should -BeOfType DateTime
        $theirs = $asRead | Select-Object * -ExcludeProperty c | Select-Object *, @{ n = 'c'; e = { [datetime] '2024-01-02' } } | Save-IntegrityDocument @with
        $theirs.Document.Text | Should -BeLike '*"2024-06-01T10:00:00+02:00"*"2024-06-01T10:00:00.000Z"*"2024-01-02T00:00:00"*'
        $mine = $asRead | Select-Object *, @{ n = 'x'; e = { 1 } }
        $merged = $mine | Save-IntegrityDocument @with -Original $asRead
        $merged.Document.Text | Should -BeLike '*"2024-06-01T10:00:00+02:00"*"2024-06-01T10:00:00.000Z"*"2024-01-02T00:00:00"*"x":1*'
    }

    It 'checks and writes nothing with -WhatIf' {
        Save-IntegrityDocument @with -Document @{ _id = 'three'; '@type' = 'Task'; title = 'z' } -WhatIf | Should -BeNullOrEmpty
        { & $read 'three' } | Should -Throw
        { Save-IntegrityDocument @with -Document @{ _id = 'three'; '@type' = 'Task' } -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'DocumentRefused,*'
    }

    It 'refuses what is no document' {
        { Save-IntegrityDocument @with -Document '{"_id":' } | Should -Throw -ErrorId 'InvalidArgument,*'
        { Save-IntegrityDocument @with -Document @{ title = 'x' } } | Should -Throw -ErrorId 'InvalidArgument,*'
    }

    It 'shows a table' {
        Save-IntegrityDocument @with -Document @{ _id = 'four' } | Out-String -Width 120 | Should -Match 'Id\s+Revision\s+Merged\s+Attempts\s+Discarded'
    }

    It 'completes stores' {
        (TabExpansion2 'Save-IntegrityDocument -Sto').CompletionMatches.CompletionText | Should -Contain '-Store'
    }
}
