BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $couch = Find-CouchServer
}

Describe 'Get-IntegrityIssue' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
    }

    It 'finds the conflicts of a dump as objects' {
        $issues = @(Get-IntegrityIssue $dump)
        $issues.Count | Should -Be 4
        $issues | Where-Object Subject -EQ 'crowded' | ForEach-Object Severity | Should -Be 'Critical'
        ($issues | Where-Object Type -EQ 'edit_delete_conflict').Subject | Should -Be 'deleted and edited'
    }

    It 'writes nothing to the dump nor beside it' {
        $before = (Get-FileHash $dump).Hash
        $null = Get-IntegrityIssue $dump
        (Get-FileHash $dump).Hash | Should -Be $before
        Get-ChildItem $TestDrive -Filter 'dump*' | ForEach-Object Name | Should -Be 'dump.jsonl'
    }

    It 'finds the faults of a SQLite database by its path and leaves no file beside it' {
        New-Item "$TestDrive/sqlite" -ItemType Directory | Out-Null
        Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$TestDrive/sqlite/app.db"
        $before = (Get-FileHash "$TestDrive/sqlite/app.db").Hash
        $issues = @(Get-IntegrityIssue "$TestDrive/sqlite/app.db" -Type Validation)
        $issues.Subject | Should -Be 'bed/3', 'bed/4'
        $issues[0].Evidence.Parent | Should -Be 'ward'
        @(Get-IntegrityIssue "$TestDrive/sqlite/app.db" -DocumentType ward -Type Validation).Count | Should -Be 0
        (Get-FileHash "$TestDrive/sqlite/app.db").Hash | Should -Be $before
        (Get-ChildItem "$TestDrive/sqlite").Name | Should -Be 'app.db'
    }

    It 'takes stores by value, by property name and from Get-IntegrityStore' {
        @('shop' | Get-IntegrityIssue).Count | Should -Be 4
        @([pscustomobject]@{ Store = 'shop' } | Get-IntegrityIssue).Count | Should -Be 4
        @(Get-IntegrityStore | Get-IntegrityIssue).Count | Should -Be 4
        @(Get-Item $dump | Get-IntegrityIssue).Count | Should -Be 4
    }

    It 'scans the default store when none is named' {
        @(Get-IntegrityIssue).Count | Should -Be 4
    }

    It 'filters by type in either spelling, severity, document type and subject' {
        @(Get-IntegrityIssue $dump -Type edit_delete_conflict).Count | Should -Be 1
        @(Get-IntegrityIssue $dump -Type EditDeleteConflict).Count | Should -Be 1
        @(Get-IntegrityIssue $dump -MinimumSeverity critical).Subject | Should -Be 'crowded'
        @(Get-IntegrityIssue $dump -DocumentType T*).Count | Should -Be 2
        @(Get-IntegrityIssue $dump -Subject 'häuser/1').Count | Should -Be 1
    }

    It 'validates what documents hold when asked to' {
        $apps = "$TestDrive/apps.jsonl"
        '[{"_id":"c","_rev":"1-a","@type":"SoftwareApplication","hostedOn":"nowhere"}]' | Set-Content $apps
        @(Get-IntegrityIssue "couchdump:$apps").Count | Should -Be 0
        $issue = Get-IntegrityIssue "couchdump:$apps" -Type Validation
        $issue.Type | Should -Be 'missing_reference'
        $issue.Evidence.Faults[0].Path | Should -Be 'hostedOn'
        (New-RepairPlan -Issue $issue).NeedsReview | Should -Be 1
        @(Get-IntegrityIssue $dump -Type duplicates -WarningAction SilentlyContinue).Count | Should -Be 0
    }

    It 'says what was not looked for when asked, and warns of what cannot be had' {
        $said = Get-IntegrityIssue $dump -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }
        $said -join "`n" | Should -BeLike '*Not looked for: duplicates, validation; -Type All looks for everything.*'
        (Get-IntegrityReport | Select-Object -First 1).NotLookedFor | Should -Contain 'missing_field'
        $null = Get-IntegrityIssue $dump -Type IdCollision -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -BeLike '*needs a running server: id_collision.'
        $null = Get-IntegrityIssue $dump -Incremental -WarningVariable warned -WarningAction SilentlyContinue
        $warned | Should -BeLike '*a dump does not tell what was changed*'
    }

    It 'reads an earlier scan from the ledger, with the same filters' {
        $issues = Get-IntegrityIssue $dump
        $scan = $issues[0].ScanId
        @(Get-IntegrityIssue -Scan $scan).Id | Should -Be $issues.Id
        @(Get-IntegrityIssue -Scan $scan -Type edit_delete_conflict).Count | Should -Be 1
        @(Get-IntegrityIssue -Scan $scan -DocumentType T* -MinimumSeverity Low).Count | Should -Be 2
        @(Get-IntegrityReport $scan | Get-IntegrityIssue).Count | Should -Be 4
    }

    It 'reads what is known from the ledger by status, as objects that can be planned' {
        $issues = Get-IntegrityIssue $dump
        $known = @(Get-IntegrityIssue -FromLedger -Store shop -Status Open, Reopened, Planned)
        $known.Id | Sort-Object | Should -Be ($issues.Id | Sort-Object)
        $known[0].Severity | Should -Be 'Critical'
        $plan = $known | Where-Object Type -EQ 'edit_delete_conflict' | New-RepairPlan
        $plan.Operations.Subject | Should -Be 'deleted and edited'
        @(Get-IntegrityIssue -Status planned).PlanId | Should -Contain $plan.Id
        @(Get-IntegrityIssue $dump -FromLedger -Status resolved).Count | Should -Be 0
        { Get-IntegrityIssue -FromLedger -Status nonsense } | Should -Throw
        $known | Out-String -Width 80 | Should -Match 'Id\s+Status\s+Severity\s+Type\s+Subject'
        (TabExpansion2 'Get-IntegrityIssue -Status ig').CompletionMatches.CompletionText | Should -Be 'Ignored'
    }

    It 'shows the first issue before the last is found, and Select-Object -First ends the scan' {
        $large = New-ConflictDump "$TestDrive/large.jsonl" -Sound 0 -Conflicts 1500
        $first = Get-IntegrityIssue $large | Select-Object -First 1
        $report = Get-IntegrityReport $first.ScanId
        $report.Status | Should -Be 'cancelled'
        $report.Issues | Should -BeLessThan 1500
    }

    It 'names an unknown type and ends' {
        { Get-IntegrityIssue $dump -Type nonsense } | Should -Throw -ErrorId 'UnknownIssueType,*'
    }

    It 'names a missing file, and goes on with the next store' {
        $failures = $null
        $issues = @('couchdump:/nowhere/at/all.jsonl', $dump | Get-IntegrityIssue -ErrorVariable failures -ErrorAction SilentlyContinue)
        $issues.Count | Should -Be 4
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'StoreNotFound,*'
    }

    It 'stops within a second when the pipeline is stopped, though the server is silent' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$ManifestPath'; Get-IntegrityIssue couchdb://127.0.0.1:$($silent.LocalEndpoint.Port)/db")
            $null = $shell.BeginInvoke()
            $accepted = $silent.AcceptTcpClientAsync()
            $accepted.Wait(20000) | Should -BeTrue
            (Measure-Command { $shell.Stop() }).TotalSeconds | Should -BeLessThan 1
            $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        }
        finally {
            $shell.Dispose()
            $silent.Stop()
        }
    }

    It 'completes types and severities with what they mean, and scans' {
        $types = (TabExpansion2 'Get-IntegrityIssue -Type rev').CompletionMatches
        $types[0].CompletionText | Should -Be 'revision_conflict'
        $types[0].ToolTip | Should -BeLike '*live revisions*'
        (TabExpansion2 'Get-IntegrityIssue -MinimumSeverity cr').CompletionMatches.CompletionText | Should -Be 'Critical'
        (TabExpansion2 'Get-IntegrityIssue -Scan ').CompletionMatches[0].CompletionText | Should -BeLike 'scan-*'
    }

    It 'shows a table with what is asked first, plain when redirected' {
        $text = Get-IntegrityIssue $dump | Out-String -Width 120
        $text | Should -Match 'Severity\s+Type\s+Subject\s+Leaves\s+Auto\s+Message'
        $env:NO_COLOR ? $text : '' | Should -Not -Match "`e\["
    }

    It 'finds the conflicts of a CouchDB server (engine: CouchDB)' -Skip:(-not $couch) {
        . $PSScriptRoot/engines/CouchServer.ps1
        $server = Start-CouchServer $TestDrive
        try {
            $address = New-CouchDatabase $server $dump
            $before = Get-CouchSequence $server $address
            $issues = @(Get-IntegrityIssue $address -Credential $server.Credential)
            $issues.Subject | Sort-Object | Should -Be @((Get-IntegrityIssue $dump).Subject | Sort-Object)
            Get-CouchSequence $server $address | Should -Be $before
            @(Get-IntegrityIssue $address -Credential $server.Credential -Incremental).Count | Should -Be 0
            (Get-IntegrityReport -AllStores | Select-Object -First 1).SinceScan | Should -Be $issues[0].ScanId
            $wrong = [pscredential]::new('admin', [Net.NetworkCredential]::new('', 'wrong').SecurePassword)
            { Get-IntegrityIssue $address -Credential $wrong -ErrorAction Stop } | Should -Throw -ErrorId 'LoginRefused,*'
        }
        finally { Stop-CouchServer $server }
    }
}
