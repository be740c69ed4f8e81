Describe 'Resume-RepairExecution' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl" -Conflicts 600
        $plan = New-RepairPlan $dump
        $destination = Join-Path $TestDrive 'repaired.jsonl'

        # Cut off after the first result.
        $first = $plan | Invoke-RepairPlan -Destination $destination -Confirm:$false -WarningAction SilentlyContinue |
            Where-Object Outcome -EQ 'Applied' | Select-Object -First 1
        $id = $first.ExecutionId
    }

    It 'begins with a stopped execution whose dump is not there yet' {
        (Get-RepairExecution $id).Status | Should -Be 'Stopped'
        Test-Path $destination | Should -BeFalse
    }

    It 'shows what is pending with -WhatIf, and does nothing' {
        $shown = @(Resume-RepairExecution $id -WhatIf)
        $shown.Count | Should -BeGreaterThan 0
        $shown.Subject | Should -Not -Contain 'crowded'
        @($shown | Where-Object Outcome -NE 'WouldApply').Count | Should -Be 0
        Test-Path $destination | Should -BeFalse
        (Get-RepairExecution $id).Status | Should -Be 'Stopped'
    }

    It 'goes on to the end' {
        $results = Get-RepairExecution $id | Resume-RepairExecution -Confirm:$false
        @($results | Where-Object Outcome -EQ 'Failed').Count | Should -Be 0
        (Get-RepairExecution $id).Status | Should -Be 'Completed'
        (Get-IntegrityIssue $destination).Subject | Should -Be 'crowded'
    }

    It 'refuses an execution that is complete, and one that is not there' {
        { Resume-RepairExecution $id -Confirm:$false } | Should -Throw -ErrorId 'InvalidState,*'
        { Resume-RepairExecution 'exec-nowhere' -Confirm:$false } | Should -Throw -ErrorId 'NotFound,*'
    }
}

Describe 'Resume-RepairExecution -WhileOpen' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $database = New-SqliteDatabase $TestDrive
        $made = Backup-IntegrityStore "sqlite:$database" "$TestDrive/backups"
        Restore-IntegrityStore $made.Path -Store "sqlite:$TestDrive/data/new.db" -Force | Out-Null
        $restored = (Get-RepairExecution -AllStores | Select-Object -First 1).Id
    }

    It 'goes on with an undo that an open file held up' -Skip:(-not $IsLinux) {
        $other = Start-Process tail -ArgumentList '-f', "$TestDrive/data/new.db" -PassThru
        try {
            while (-not (Get-ChildItem "/proc/$($other.Id)/fd" | Where-Object Target -Like '*/new.db')) { }
            { Undo-RepairExecution $restored -Force -WarningAction SilentlyContinue } | Should -Throw "Process $($other.Id) (tail) has the database open*"
            $undo = (Get-RepairExecution -AllStores | Select-Object -First 1).Id
            (Resume-RepairExecution $undo -Force -WhileOpen).Outcome | Should -Be 'Applied'
            Test-Path "$TestDrive/data/new.db" | Should -BeFalse
        }
        finally {
            $other.Kill()
        }
    }
}
