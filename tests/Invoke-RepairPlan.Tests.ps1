BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    . $PSScriptRoot/engines/Terminal.ps1
    $couch = Find-CouchServer
    $terminal = Find-Terminal
}

Describe 'Invoke-RepairPlan' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $plan = Get-IntegrityIssue $dump | New-RepairPlan

        # A person at the keyboard: the prompts of a session of its own get these answers, one a line.
        function Invoke-WithAnswer([string] $Command, [string[]] $Answer) {
            $script = Join-Path $TestDrive 'prompted.ps1'
            Set-Content $script "Import-Module '$ManifestPath'`n$Command"
            ($Answer -join "`n") + "`n" | & pwsh -NoProfile -File $script 2>&1 | Out-String
        }
    }

    Context 'Invoked on a SQLite database' {
        It 'repairs rows through the whole pipeline, and an undo gives them back' {
            $folder = New-Item "$TestDrive/rows" -ItemType Directory
            Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$folder/app.db"
            $shown = @(Get-IntegrityIssue "$folder/app.db" -Type ForeignKeyViolation | New-RepairPlan | Invoke-RepairPlan -WhatIf)
            $shown.Outcome | Should -Be 'WouldApply', 'WouldApply'
            $lines = ($shown | Out-String -Width 4000) -split '\r?\n'
            $lines | Where-Object { $_ -match 'null_orphans of bed/3' } | Should -Match 'High risk\W*$' -Because 'the reason begins a line of its own, which ends at a word'
            $told = ($lines | Where-Object { $_ -match '^    \S' } | ForEach-Object Trim) -join ' '
            $told | Should -Match ([regex]::Escape($shown[0].Message))
            $results = @(Get-IntegrityIssue "$folder/app.db" -Type ForeignKeyViolation | New-RepairPlan | Invoke-RepairPlan -Confirm:$false)
            $results.Outcome | Should -Be 'Applied', 'Applied'
            $results.Risk | Should -Be 'High', 'High'
            @(Get-IntegrityIssue "$folder/app.db" -Type ForeignKeyViolation).Count | Should -Be 0
            (Undo-RepairExecution $results[0].ExecutionId -Confirm:$false).Outcome | Should -Be 'Applied', 'Applied'
            (Get-IntegrityIssue "$folder/app.db" -Type ForeignKeyViolation).Subject | Should -Be 'bed/3', 'bed/4'
        }

        It 'warns of what was changed since the plan was made and was left alone, and does the rest' {
            $folder = New-Item "$TestDrive/stale" -ItemType Directory
            Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$folder/app.db"
            $both = Get-IntegrityIssue "$folder/app.db" -Type ForeignKeyViolation | New-RepairPlan
            $null = Get-IntegrityIssue "$folder/app.db" -Type ForeignKeyViolation -Subject 'bed/3' | New-RepairPlan | Invoke-RepairPlan -Confirm:$false
            $results = @($both | Invoke-RepairPlan -Confirm:$false -WarningVariable warned -WarningAction SilentlyContinue)
            ($results | Sort-Object Subject).Outcome | Should -Be 'Stale', 'Applied'
            $warned | Should -Be 'Left alone, since it was changed meanwhile: 1 operation with the outcome Stale; a new plan takes it as it is now.'
        }

        It 'salvages a damaged one into a new file, leaves the old one alone, and an undo removes the new one' {
            $folder = New-Item "$TestDrive/damaged" -ItemType Directory
            $bytes = [IO.File]::ReadAllBytes("$PSScriptRoot/data/orphaned-rows.db")
            [Array]::Clear($bytes, 0, 100)
            [IO.File]::WriteAllBytes("$folder/app.db", $bytes)
            $hash = (Get-FileHash "$folder/app.db").Hash
            $result = Get-IntegrityIssue "$folder/app.db" | New-RepairPlan | Invoke-RepairPlan -Confirm:$false
            $result.Type | Should -Be 'salvage'
            $result.Outcome | Should -Be 'Applied'
            (Get-ChildItem $folder).Name | Should -Be 'app.db', 'app.salvaged.db'
            @(Get-IntegrityIssue "$folder/app.salvaged.db" -Type ForeignKeyViolation).Count | Should -Be 2
            (Get-FileHash "$folder/app.db").Hash | Should -Be $hash
            (Undo-RepairExecution $result.ExecutionId -Confirm:$false).Outcome | Should -Be 'Applied'
            (Get-ChildItem $folder).Name | Should -Be 'app.db'
        }
    }

    Context 'Invoked on a dump' {
        It 'writes the repaired dump, streams a result an operation, and leaves the original alone' {
            $before = (Get-FileHash $dump).Hash
            $results = @($plan | Invoke-RepairPlan -Destination "$TestDrive/repaired.jsonl" -Confirm:$false)
            $results.Count | Should -Be 4
            @($results | Where-Object Outcome -EQ 'Applied').Count | Should -Be 3
            ($results | Where-Object Subject -EQ 'crowded').Outcome | Should -Be 'NeedsReview'
            (Get-FileHash $dump).Hash | Should -Be $before
            (Get-IntegrityIssue "$TestDrive/repaired.jsonl").Subject | Should -Be 'crowded'
        }

        It 'takes an id, from the pipeline by property name too' {
            $results = Invoke-RepairPlan -Plan $plan.Id -Destination "$TestDrive/by-id.jsonl" -Confirm:$false
            @($results).Count | Should -Be 4
            $results = [pscustomobject]@{ Plan = $plan.Id } | Invoke-RepairPlan -Destination "$TestDrive/by-name.jsonl" -Force
            @($results).Count | Should -Be 4
        }

        It 'writes nothing with -WhatIf, and shows each operation as fields, old → new' {
            $executions = @(Get-RepairExecution).Count
            $results = @($plan | Invoke-RepairPlan -Destination "$TestDrive/whatif.jsonl" -WhatIf)
            $results.Count | Should -Be 4
            @($results | Where-Object Outcome -EQ 'WouldApply').Count | Should -Be 3
            $results | Out-String | Should -Match 'title: "one" → "two"'
            Test-Path "$TestDrive/whatif.jsonl" | Should -BeFalse
            @(Get-RepairExecution).Count | Should -Be $executions
        }

        It 'keeps the line that tells what -WhatIf is about within 80 columns, with the address on one of its own' {
            $null = Start-Transcript "$TestDrive/whatif.txt"
            try { $null = $plan | Invoke-RepairPlan -Destination "$TestDrive/whatif.jsonl" -WhatIf } finally { $null = Stop-Transcript }
            $shown = @(Get-Content "$TestDrive/whatif.txt")
            $line = [array]::FindIndex($shown, [Predicate[string]] { $args[0] -like 'What if: *' })
            $shown[$line] | Should -Be "What if: Repairing by $($plan.Id), 4 operations, in"
            $shown[$line].Length | Should -BeLessThan 80
            $shown[$line + 1] | Should -Be "  $($plan.Store)"
        }

        It 'obeys $WhatIfPreference' {
            $WhatIfPreference = $true
            $null = $plan | Invoke-RepairPlan -Destination "$TestDrive/preference.jsonl"
            Test-Path "$TestDrive/preference.jsonl" | Should -BeFalse
        }

        It 'asks for each operation, and does what was said' {
            $said = Invoke-WithAnswer "Invoke-RepairPlan $($plan.Id) -Destination '$TestDrive/asked.jsonl' | ForEach-Object { `"`$(`$_.Subject)=`$(`$_.Outcome)`" }" 'n', 'y', 'y'
            $said | Should -Match 'title: "one" → "two"'
            ([regex]::Matches($said, '=Declined')).Count | Should -Be 1
            ([regex]::Matches($said, '=Applied')).Count | Should -Be 2
        }

        It 'asks no more after Yes to All' {
            $said = Invoke-WithAnswer "Invoke-RepairPlan $($plan.Id) -Destination '$TestDrive/all.jsonl' | ForEach-Object { `"`$(`$_.Subject)=`$(`$_.Outcome)`" }" 'a'
            ([regex]::Matches($said, '=Applied')).Count | Should -Be 3
        }

        It 'leaves what is above -MaximumRisk to a person' {
            $risky = Get-IntegrityIssue $dump | New-RepairPlan -Strategy HighestRev
            $results = $risky | Invoke-RepairPlan -Destination "$TestDrive/bounded.jsonl" -MaximumRisk low -Confirm:$false
            $results | Where-Object { $_.Outcome -eq 'Applied' -and $_.Risk -ne 'Low' } | Should -BeNullOrEmpty
        }

        It 'keeps the reason in the ledger' {
            $null = $plan | Invoke-RepairPlan -Destination "$TestDrive/reason.jsonl" -Confirm:$false -Reason 'because'
            (Get-RepairExecution | Select-Object -First 1).Reason | Should -Be 'because'
        }

        It 'refuses to run without a destination, or onto a file that exists' {
            $refused = { $plan | Invoke-RepairPlan -Confirm:$false } | Should -Throw -ErrorId 'InvalidArgument,*' -PassThru
            $refused.ErrorDetails.RecommendedAction | Should -Be 'Name the new file with -Destination, for example dump-repaired.jsonl.'
            { $plan | Invoke-RepairPlan -Destination $dump -Confirm:$false } | Should -Throw -ErrorId '*,IntegrityTools.PowerShell.Commands.InvokeRepairPlan'
        }

        It 'stops within two seconds when the pipeline is stopped, though the server is silent' {
            $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
            $silent.Start()
            $shell = [powershell]::Create()
            try {
                $file = Join-Path $TestDrive 'silent.json'
                $plan | Export-RepairPlan -Path $file
                $json = Get-Content $file -Raw | ConvertFrom-Json -Depth 30
                $json.store = "couchdb://127.0.0.1:$($silent.LocalEndpoint.Port)/db"
                $json | ConvertTo-Json -Depth 30 | Set-Content $file
                $hanging = Import-RepairPlan $file -AcceptChanges
                $null = $shell.AddScript("Import-Module '$ManifestPath'; Invoke-RepairPlan $($hanging.Id) -Confirm:`$false")
                $null = $shell.BeginInvoke()
                $silent.AcceptTcpClientAsync().Wait(20000) | Should -BeTrue
                (Measure-Command { $shell.Stop() }).TotalSeconds | Should -BeLessThan 2
                $shell.InvocationStateInfo.State | Should -Be 'Stopped'
            }
            finally {
                $shell.Dispose()
                $silent.Stop()
            }
        }

        It 'ends after Ctrl+C though the terminal threw away where its cursor is, which the console waits for (engine: script)' -Skip:(-not $terminal) {
            . $PSScriptRoot/engines/Terminal.ps1
            $many = New-ConflictDump "$TestDrive/many.jsonl" -Conflicts 600
            $shown = Join-Path $TestDrive 'shown.ps1'
            Set-Content $shown "Import-Module '$ManifestPath'`nInvoke-RepairPlan $((New-RepairPlan $many).Id) -Destination '$TestDrive/cut.jsonl' -Confirm:`$false"
            $session = Invoke-InTerminal $shown -After 'Applied'
            $session.Pressed | Should -BeTrue
            $session.Ended | Should -BeTrue
            $cut = Get-RepairExecution -AllStores | Select-Object -First 1
            $cut.Status | Should -Be 'Stopped'
            $session.Shown -replace '\s' | Should -Match "Goonwith:Resume-RepairExecution$($cut.Id)"
        }

        It 'refuses a plan that is not there, and ends' {
            { Invoke-RepairPlan 'plan-nowhere' -Confirm:$false } | Should -Throw -ErrorId 'NotFound,IntegrityTools.PowerShell.Commands.InvokeRepairPlan'
        }
    }

    Context 'Invoked on a server (engine: CouchDB)' -Skip:(-not $couch) {
        BeforeAll {
            . $PSScriptRoot/engines/CouchServer.ps1
            $server = Start-CouchServer $TestDrive
        }

        AfterAll { Stop-CouchServer $server }

        It 'writes nothing with -WhatIf, then repairs, and another scan is clean but for a person' {
            $address = New-CouchDatabase $server $dump
            $plan = Get-IntegrityIssue $address -Credential $server.Credential | New-RepairPlan -Credential $server.Credential
            $before = Get-CouchSequence $server $address
            $preview = $plan | Invoke-RepairPlan -Credential $server.Credential -WhatIf
            @($preview | Where-Object Outcome -EQ 'WouldApply').Count | Should -Be 3
            Get-CouchSequence $server $address | Should -Be $before
            $results = $plan | Invoke-RepairPlan -Credential $server.Credential -Confirm:$false
            @($results | Where-Object Outcome -EQ 'Applied').Count | Should -Be 3
            (Get-IntegrityIssue $address -Credential $server.Credential).Subject | Should -Be 'crowded'
            ($plan | Invoke-RepairPlan -Credential $server.Credential -Force | Where-Object Outcome -EQ 'Applied') | Should -BeNullOrEmpty
        }

        It 'is stopped by Select-Object -First, says how to go on, and goes on' {
            $address = New-CouchDatabase $server (New-ConflictDump "$TestDrive/many.jsonl" -Sound 0 -Conflicts 1500)
            $plan = Get-IntegrityIssue $address -Credential $server.Credential | New-RepairPlan -Credential $server.Credential
            $first = $plan | Invoke-RepairPlan -Credential $server.Credential -Confirm:$false -WarningVariable warned -WarningAction SilentlyContinue |
                Where-Object Outcome -EQ 'Applied' | Select-Object -First 1
            "$warned" | Should -BeLike "*Resume-RepairExecution $($first.ExecutionId)*"
            $execution = Get-RepairExecution $first.ExecutionId
            $execution.Status | Should -Be 'Stopped'
            $pending = @(Get-RepairExecution $first.ExecutionId -Pending)
            $pending.Count | Should -BeGreaterThan 0
            $resumed = @($execution | Resume-RepairExecution -Credential $server.Credential -Confirm:$false)
            @($resumed | Where-Object Outcome -EQ 'Failed').Count | Should -Be 0
            (Get-RepairExecution $first.ExecutionId).Status | Should -Be 'Completed'
            (Get-IntegrityIssue $address -Credential $server.Credential).Subject | Should -Be 'crowded'
        }

        It 'is stopped by Ctrl+C within a second, warns how to go on, and leaves a resumable execution' -Skip:$IsWindows {
            $address = New-CouchDatabase $server (New-ConflictDump "$TestDrive/interrupted.jsonl" -Sound 0 -Conflicts 1500)
            $script = Join-Path $TestDrive 'interrupted.ps1'
            Set-Content $script @"
                Import-Module '$ManifestPath'
                `$credential = [pscredential]::new('$($server.Credential.UserName)', (ConvertTo-SecureString '$($server.Credential.GetNetworkCredential().Password)' -AsPlainText -Force))
                New-RepairPlan $address -Credential `$credential |
                    Invoke-RepairPlan -Credential `$credential -Confirm:`$false |
                    ForEach-Object { [Console]::Out.WriteLine(`$_.Outcome); Start-Sleep -Milliseconds 20 }
"@
            $start = [Diagnostics.ProcessStartInfo]::new((Get-Command pwsh).Source)
            '-NoProfile', '-File', $script | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.RedirectStandardOutput = $true
            $start.RedirectStandardError = $true
            $process = [Diagnostics.Process]::Start($start)
            try {
                do { $line = $process.StandardOutput.ReadLine() } while ($null -ne $line -and $line -ne 'Applied')
                $line | Should -Be 'Applied'
                $taken = Measure-Command {
                    & kill -INT $process.Id
                    $rest = $process.StandardOutput.ReadToEnd() + $process.StandardError.ReadToEnd()
                }
                $taken.TotalSeconds | Should -BeLessThan 2 -Because 'a second for the run, and one for the process to end'
                $execution = Get-RepairExecution -AllStores | Select-Object -First 1
                $rest | Should -BeLike "*Resume-RepairExecution $($execution.Id)*"
                $execution.Status | Should -Be 'Stopped'
                $execution.Pending | Should -BeGreaterThan 0
                $null = Resume-RepairExecution $execution.Id -Credential $server.Credential -Force
                (Get-RepairExecution $execution.Id).Status | Should -Be 'Completed'
            }
            finally {
                if (-not $process.HasExited) { $process.Kill($true) }
            }
        }
    }
}
