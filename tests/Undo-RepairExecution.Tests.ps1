BeforeDiscovery {
    . $PSScriptRoot/engines/CouchServer.ps1
    $couch = Find-CouchServer
}

Describe 'Undo-RepairExecution' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"
        $plan = New-RepairPlan $dump
        $results = $plan | Invoke-RepairPlan -Destination "$TestDrive/repaired.jsonl" -Confirm:$false
    }

    It 'writes nothing with -WhatIf' {
        $plans = @(Get-RepairPlan).Count
        $shown = @($results | Undo-RepairExecution -Destination "$TestDrive/undone.jsonl" -WhatIf)
        $shown.Outcome | Should -Be 'WouldApply'
        @(Get-RepairPlan).Count | Should -Be $plans
        Test-Path "$TestDrive/undone.jsonl" | Should -BeFalse
        (Get-RepairExecution $results[0].ExecutionId).Status | Should -Be 'Completed'
    }

    It 'gives a dump back byte for byte, once for all results of a run' {
        $null = $results | Undo-RepairExecution -Destination "$TestDrive/undone.jsonl" -Confirm:$false
        (Get-FileHash "$TestDrive/undone.jsonl").Hash | Should -Be (Get-FileHash $dump).Hash
        (Get-RepairExecution $results[0].ExecutionId).Status | Should -Be 'Undone'
    }

    It 'refuses what was undone already, and what is not there' {
        { Undo-RepairExecution $results[0].ExecutionId -Destination "$TestDrive/twice.jsonl" -Confirm:$false } | Should -Throw -ErrorId 'InvalidState,*'
        { Undo-RepairExecution 'exec-nowhere' -Confirm:$false } | Should -Throw -ErrorId 'NotFound,*'
    }

    It 'gives a server its live leaves back (engine: CouchDB)' -Skip:(-not $couch) {
        . $PSScriptRoot/engines/CouchServer.ps1
        $server = Start-CouchServer $TestDrive
        try {
            $address = New-CouchDatabase $server $dump
            $bodies = {
                foreach ($id in 'merge me', 'häuser/1', 'deleted and edited') {
                    $url = "$($server.Url)/$($address.Split('/')[-1])/$([Uri]::EscapeDataString($id))"
                    $leaves = Invoke-RestMethod "${url}?open_revs=all" -Headers ($server.Headers + @{ Accept = 'application/json' })
                    $winner = Invoke-RestMethod $url -Headers $server.Headers
                    $live = $leaves.ok | Where-Object { -not $_.psobject.Properties['_deleted'] }
                    $live, $winner | ForEach-Object { $_ | Select-Object * -ExcludeProperty _rev | ConvertTo-Json -Compress } | Sort-Object
                }
            }
            $before = & $bodies
            $results = New-RepairPlan $address -Credential $server.Credential | Invoke-RepairPlan -Credential $server.Credential -Confirm:$false
            & $bodies | Should -Not -Be $before
            $undone = @($results[0] | Undo-RepairExecution -Credential $server.Credential -Confirm:$false)
            @($undone | Where-Object Outcome -EQ 'Applied').Count | Should -Be 3
            & $bodies | Should -Be $before
        }
        finally { Stop-CouchServer $server }
    }
}
