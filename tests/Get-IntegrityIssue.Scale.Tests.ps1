BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $script:noServer = -not (Find-CouchServer)
}

Describe 'Get-IntegrityIssue of large databases (engine: CouchDB)' -Skip:$noServer {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        . $PSScriptRoot/engines/CouchServer.ps1
        Use-FreshLedger $TestDrive
        $server = Start-CouchServer $TestDrive
        $store = New-CouchDatabase $server (New-ConflictDump "$TestDrive/dump.jsonl" -Sound 0 -Conflicts 1500)
        $all = 1504
        $with = @{ Credential = $server.Credential }
    }

    AfterAll { Stop-CouchServer $server }

    It 'goes on with a scan that was stopped, and gives what it had not given' {
        $first = @(Get-IntegrityIssue $store -BatchSize 10 @with | Select-Object -First 100)
        $rest = @(Get-IntegrityIssue -Resume $first[0].ScanId @with)
        $rest.Id | Where-Object { $_ -in $first.Id } | Should -BeNullOrEmpty
        $report = Get-IntegrityReport $first[0].ScanId
        $report.Status | Should -Be 'success'
        $report.Issues | Should -Be $all
        @(Get-IntegrityIssue -Scan $first[0].ScanId).Count | Should -Be $all
        { Get-IntegrityIssue -Resume $first[0].ScanId -ErrorAction Stop @with } | Should -Throw -ErrorId 'InvalidState,*'
        { Get-IntegrityIssue $store -Resume $first[0].ScanId @with } | Should -Throw -ErrorId 'PositionalParameterNotFound,*'
    }

    It 'says after Ctrl+C how the <What> is gone on with, and so it is' -Skip:$IsWindows -ForEach @(
        @{ What = 'scan'; Command = 'Get-IntegrityIssue'; GoOn = 'Get-IntegrityIssue -Resume {0}{1}' }
        @{ What = 'scan of a plan'; Command = 'New-RepairPlan'; GoOn = 'Get-IntegrityIssue -Resume {0}{1} | Out-Null; New-RepairPlan -Scan {0}{1}' }
    ) {
        $script = Join-Path $TestDrive 'interrupted.ps1'
        $ledger = @{ Ledger = Join-Path $TestDrive "$Command.db" }
        Set-Content "$TestDrive/slow.yaml" 'performance: { batch_size: 10, requests_per_second: 10 }'
        Set-Content $script @"
            Import-Module '$ManifestPath'
            `$credential = [pscredential]::new('$($server.Credential.UserName)', (ConvertTo-SecureString '$($server.Credential.GetNetworkCredential().Password)' -AsPlainText -Force))
            $Command $store -Credential `$credential -Config '$TestDrive/slow.yaml' -Ledger '$($ledger.Ledger)' > `$null
"@
        $start = [Diagnostics.ProcessStartInfo]::new((Get-Command pwsh).Source)
        '-NoProfile', '-File', $script | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
        try {
            $deadline = [datetime]::UtcNow.AddSeconds(60)
            do {
                Start-Sleep -Milliseconds 50
                $scan = Get-IntegrityReport -AllStores @ledger
                $found = $scan -and @($scan | Get-IntegrityIssue @ledger).Count
            } until ($found -or $process.HasExited -or [datetime]::UtcNow -gt $deadline)
            $found | Should -BeTrue
            $process.HasExited | Should -BeFalse
            $null = & kill -INT $process.Id
            $process.WaitForExit(60000) | Should -BeTrue
            $said = ($output.Result + $errors.Result) -replace '\s+', ' '
            $said | Should -BeLike "*The scan $($scan.ScanId) was stopped. Go on with: $($GoOn -f $scan.ScanId, " -Config $TestDrive/slow.yaml -Ledger $($ledger.Ledger)")*"
            $null = Get-IntegrityIssue -Resume $scan.ScanId @ledger @with
            (Get-IntegrityReport $scan.ScanId @ledger).Issues | Should -Be $all
            (New-RepairPlan -Scan $scan.ScanId @ledger @with).Operations.Count | Should -Be $all
        }
        finally {
            if (-not $process.HasExited) { $process.Kill($true) }
        }
    }

    It 'says that a dump is begun anew, and why' {
        $dump = "couchdump:$TestDrive/dump.jsonl"
        $first = @(Get-IntegrityIssue $dump | Select-Object -First 100)
        $rest = @(Get-IntegrityIssue -Resume $first[0].ScanId -WarningVariable warned -WarningAction SilentlyContinue)
        $rest.Id | Where-Object { $_ -in $first.Id } | Should -BeNullOrEmpty
        (Get-IntegrityReport $first[0].ScanId).Issues | Should -Be $all
        $warned | Should -BeLike '*a file is judged as a whole*'
    }

    It 'scans one partition' {
        $null = Invoke-RestMethod "$($server.Url)/rides?partitioned=true" -Method Put -Headers $server.Headers
        $body = '{"new_edits":false,"docs":[' + (@('a:1', 'b:1').ForEach({
                    $id = $_
                    @('b', 'c').ForEach({ "{`"_id`":`"$id`",`"_rev`":`"2-$_`",`"_revisions`":{`"start`":2,`"ids`":[`"$_`",`"a`"]},`"x`":`"$_`"}" })
                }) -join ',') + ']}'
        $null = Invoke-RestMethod "$($server.Url)/rides/_bulk_docs" -Method Post -Headers $server.Headers -ContentType 'application/json' -Body $body
        (Get-IntegrityIssue "$($server.Address)/rides" -Partition a -WarningAction SilentlyContinue @with).Subject | Should -Be 'a:1'
        { Get-IntegrityIssue $store -Partition a -ErrorAction Stop @with } | Should -Throw -ErrorId 'InvalidArgument,*'
    }

    It 'keeps to the bounds that are given, and refuses those that are none' {
        @(Get-IntegrityIssue $store -MaxConcurrentOperations 1 -BatchSize 400 -RequestsPerSecond 1000 -Timeout 00:01:00 @with).Count | Should -Be $all
        { Get-IntegrityIssue $store -MaxConcurrentOperations 65 -ErrorAction Stop @with } | Should -Throw -ErrorId 'InvalidArgument,*'
        { Get-IntegrityIssue $store -BatchSize 0 -ErrorAction Stop @with } | Should -Throw -ErrorId 'InvalidArgument,*'
        { Get-IntegrityIssue $store -RequestsPerSecond 0 -ErrorAction Stop @with } | Should -Throw -ErrorId 'InvalidArgument,*'
        { Get-IntegrityIssue $store -Timeout 00:00:00 -ErrorAction Stop @with } | Should -Throw -ErrorId 'InvalidArgument,*'
    }

    It 'takes part in a shared scan, alone if need be, and leaves nothing in the database' {
        @(Get-IntegrityIssue $store -Shared nightly @with).Count | Should -Be $all
        $report = Get-IntegrityReport -AllStores | Select-Object -First 1
        $report.Share.Name | Should -Be 'nightly'
        $report.Share.PartsHere | Should -Be $report.Share.Parts
        $report.CoveredTypes | Should -Contain 'revision_conflict'
        $name = $store.Split('/')[-1]
        (Invoke-RestMethod "$($server.Url)/$name/_local_docs" -Headers $server.Headers).rows.Count | Should -Be 0
        { Get-IntegrityIssue "couchdump:$TestDrive/dump.jsonl" -Shared nightly -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidArgument,*'
    }

    It 'resolves with an incremental scan, which goes on from a shared one, what was mended since' {
        $issue = Get-IntegrityIssue -FromLedger $store | Where-Object Type -EQ 'revision_conflict' | Select-Object -First 1
        $address = "$($server.Url)/$($store.Split('/')[-1])/$($issue.Subject)"
        $winner = (Invoke-RestMethod $address -Headers $server.Headers)._rev
        $null = Invoke-RestMethod "${address}?rev=$winner" -Method Delete -Headers $server.Headers
        foreach ($leaf in @($issue.Evidence.Leaves | Where-Object { -not $_.Deleted -and $_.Revision -ne $winner } | Select-Object -Skip 1)) {
            $null = Invoke-RestMethod "${address}?rev=$($leaf.Revision)" -Method Delete -Headers $server.Headers
        }

        @(Get-IntegrityIssue $store -Incremental @with).Count | Should -Be 0
        $report = Get-IntegrityReport -AllStores | Select-Object -First 1
        $report.Documents | Should -Be 1
        $report.SinceScan | Should -Not -BeNullOrEmpty
        (Get-IntegrityIssue -FromLedger $store -Status Resolved).Id | Should -Be $issue.Id
        @(Get-IntegrityIssue -FromLedger $store).Count | Should -Be ($all - 1)
    }
}
