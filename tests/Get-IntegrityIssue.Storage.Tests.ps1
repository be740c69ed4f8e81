BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
    $script:noFiles = $noServer -or (Find-CouchServer) -match '^https?://'
}

Describe 'Get-IntegrityIssue of how a server keeps its data (engine: CouchDB)' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        $server = Start-CouchServer $TestDrive
        $with = @{ Credential = $server.Credential }

        function Send-Couch([string] $Path, [string] $Method, [string] $Body) {
            Invoke-RestMethod "$($server.Url)/$Path" -Method $Method -Headers $server.Headers -ContentType 'application/json' -Body $Body
        }

        function New-Documents([string] $Database, [int] $Count, [scriptblock] $Members, [string] $Revisions = '"_rev":"1-a","_revisions":{"start":1,"ids":["a"]}') {
            $documents = (1..$Count).ForEach({ "{`"_id`":`"doc$_`",$Revisions,$(& $Members $_)}" }) -join ','
            $null = Send-Couch "$Database/_bulk_docs" Post "{`"new_edits`":false,`"docs`":[$documents]}"
        }

        function New-Database {
            $name = "t$([guid]::NewGuid().ToString('N'))"
            $null = Send-Couch $name Put ''
            $name
        }
    }

    AfterAll { Stop-CouchServer $server }

    It 'finds old revisions, and a repair compacts, is watched to its end and tells the space that it freed' {
        $name = New-Database
        $random = [Random]::new(5)
        New-Documents $name 100 { $bytes = [byte[]]::new(15000); $random.NextBytes($bytes); "`"pad`":`"$([Convert]::ToBase64String($bytes))`"" }
        New-Documents $name 100 { '"pad":""' } '"_rev":"2-b","_revisions":{"start":2,"ids":["b","a"]}'
        $before = (Send-Couch $name Get '').sizes.file

        $issue = Get-IntegrityIssue "$($server.Address)/$name" -Type OrphanedRevisions @with
        $issue.Type | Should -Be 'orphaned_revisions'
        $issue.Evidence.SampledOldRevisions | Should -BeGreaterThan 0
        $issue.Evidence.Reclaimable | Should -BeGreaterThan 1000000
        $plan = $issue | New-RepairPlan @with
        $plan.Operations.Type | Should -Be 'compact_database'
        ($plan | Invoke-RepairPlan -WhatIf @with).Outcome | Should -Be 'WouldApply'
        (Send-Couch $name Get '').sizes.file | Should -Be $before

        $result = $plan | Invoke-RepairPlan -Confirm:$false @with
        $result.Outcome | Should -Be 'Applied'
        $result.Message | Should -Match 'MB given back'
        (Send-Couch $name Get '').sizes.file | Should -BeLessThan ($before / 2)
        @(Get-IntegrityIssue "$($server.Address)/$name" -Type Storage @with).Count | Should -Be 0
        (Get-IntegrityIssue -FromLedger "$($server.Address)/$name" -Status Resolved).Id | Should -Be $issue.Id
    }

    It 'finds a stale index and builds it, and a broken one that it leaves to its author' {
        $name = New-Database
        New-Documents $name 40 { "`"n`":$($args[0])" }
        $null = Send-Couch "$name/_design/stale" Put '{"autoupdate":false,"views":{"by_n":{"map":"function(d){emit(d.n)}"}}}'
        $null = Send-Couch "$name/_design/broken" Put '{"autoupdate":false,"language":"cobol","views":{"x":{"map":"MOVE A TO B"}}}'

        $issues = @(Get-IntegrityIssue "$($server.Address)/$name" -Type Storage @with | Sort-Object Subject)
        $issues.Type | Should -Be 'broken_index', 'stale_index'
        $issues[1].Evidence.Pending | Should -Be 42
        (Send-Couch "$name/_design/stale/_info" Get '').view_index.update_seq | Should -Be 0
        $results = @($issues | New-RepairPlan @with | Invoke-RepairPlan -Confirm:$false @with | Sort-Object Subject)
        $results.Outcome | Should -Be 'NeedsReview', 'Applied'
        (Send-Couch "$name/_design/stale/_info" Get '').view_index.updates_pending.total | Should -Be 0
        (Get-IntegrityIssue "$($server.Address)/$name" -Type Storage @with).Type | Should -Be 'broken_index'
    }

    It 'finds counts that differ though nothing was written, with both answers' -Skip:$noFiles {
        $names = @((New-Database), (New-Database))
        New-Documents $names[0] 40 { '"n":1' }
        New-Documents $names[1] 40 { $args[0] % 2 ? '"m":1' : '"n":1' }
        foreach ($name in $names) {
            $null = Send-Couch "$name/_design/v" Put '{"autoupdate":false,"views":{"by_n":{"map":"function(d){if(d.n)emit(d.n)}"}}}'
            $null = Send-Couch "$name/_design/w" Put '{"autoupdate":false,"views":{"same":{"map":"function(d){if(d.n)emit(d.n)}"}}}'
            foreach ($view in 'v/_view/by_n', 'w/_view/same') { $null = Send-Couch "$name/_design/${view}?limit=0" Get '' }
        }

        @(Get-IntegrityIssue "$($server.Address)/$($names[0])" -Type CountMismatch @with).Count | Should -Be 0
        $signature = (Send-Couch "$($names[0])/_design/v/_info" Get '').view_index.signature
        foreach ($design in "$($names[0])/_design/v", "$($names[0])/_design/w", "$($names[1])/_design/v") {
            while ((Send-Couch "$design/_info" Get '').view_index.waiting_commit) { Start-Sleep -Milliseconds 50 }
        }

        # One database gets the other's index file, as a restore of the wrong files would leave it.
        Stop-CouchServer $server
        $files = Get-ChildItem "$TestDrive/couch-data" -Recurse -Force -Filter "$signature.view"
        foreach ($file in $files | Where-Object FullName -Match $names[0]) {
            $shard = [regex]::Match($file.FullName, '[0-9a-f]{8}-[0-9a-f]{8}').Value
            $files | Where-Object { $_.FullName -match $names[1] -and $_.FullName -match $shard } | Copy-Item -Destination $file.FullName -Force
        }

        $server = Start-CouchServer $TestDrive
        try {
            $issues = @(Get-IntegrityIssue "$($server.Address)/$($names[0])" -Type CountMismatch @with)
            $issues.Subject | Should -Be '_design/v', '_design/w'
            ($issues[0].Evidence.Answers | ForEach-Object Count) | Should -Be 20, 40
            (@($issues | New-RepairPlan @with | Invoke-RepairPlan -Confirm:$false @with).Outcome | Sort-Object -Unique) | Should -Be 'Applied'
            @(Get-IntegrityIssue "$($server.Address)/$($names[0])" -Type CountMismatch @with).Count | Should -Be 0
        }
        finally { Stop-CouchServer $server }
    }
}
