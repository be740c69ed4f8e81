Describe 'The module IntegrityTools' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
    }

    It 'exports the cmdlets of its manifest and nothing else' {
        $expected = (Import-PowerShellDataFile $ManifestPath).CmdletsToExport | Sort-Object
        Get-Command -Module IntegrityTools | Sort-Object Name | ForEach-Object Name | Should -Be $expected
    }

    It 'uses approved verbs only' {
        $approved = (Get-Verb).Verb
        Get-Command -Module IntegrityTools | Where-Object Verb -NotIn $approved | Should -BeNullOrEmpty
    }

    It 'has its cmdlets again after Import-Module -Force' {
        Import-Module $ManifestPath -Force
        (Get-Command -Module IntegrityTools).Count | Should -Be 24
    }

    It 'refuses a variable that was never set, instead of taking the default store, every subject or any risk' {
        $config = Join-Path $TestDrive 'default.yaml'
        Set-Content $config "stores:`n  shop: { address: 'couchdump:$(New-ConflictDump "$TestDrive/default.jsonl")', default: true }`n"
        $nothing = $null
        $refused = 'ParameterArgumentValidationError*'
        { Get-IntegrityIssue $nothing -Config $config } | Should -Throw -ErrorId $refused
        { '' | Get-IntegrityIssue -Config $config -ErrorAction Stop } | Should -Throw -ErrorId $refused
        { $nothing | New-RepairPlan -Config $config -ErrorAction Stop } | Should -Throw -ErrorId $refused
        { New-RepairPlan shop -Config $config -Subject @() } | Should -Throw -ErrorId $refused
        { New-RepairPlan shop -Config $config -MaximumRisk $nothing } | Should -Throw -ErrorId $refused
        { Restore-IntegrityStore any -Store $nothing -Config $config } | Should -Throw -ErrorId $refused
        { Get-RepairPlan $nothing -Config $config } | Should -Throw -ErrorId $refused
        @() | Get-IntegrityIssue -Config $config | Should -BeNullOrEmpty
        @(Get-IntegrityIssue -Config $config).Count | Should -Be 4
    }

    It 'refuses an empty value in every parameter of text, but for the reason' {
        $open = foreach ($command in Get-Command -Module IntegrityTools) {
            foreach ($parameter in $command.Parameters.Values | Where-Object { $_.ParameterType -in [string], [string[]] }) {
                $own = $parameter.Attributes | Where-Object { $_ -is [Parameter] -and -not $_.Mandatory }
                $checked = $parameter.Attributes | Where-Object { $_ -is [ValidateNotNullOrEmpty] }
                if ($own -and -not $checked -and $parameter.Name -notin ('Reason', 'ErrorVariable', 'WarningVariable', 'InformationVariable', 'OutVariable', 'PipelineVariable')) {
                    "$command -$($parameter.Name)"
                }
            }
        }
        $open | Should -BeNullOrEmpty
    }

    It 'has help of each cmdlet: what it does, each parameter, and examples that name parameters which it has' {
        $lacking = foreach ($command in Get-Command -Module IntegrityTools) {
            $help = Get-Help $command -Full
            if ($help.Synopsis -notmatch '^\p{Lu}.+\.$' -or -not $help.Description.Text) {
                "$command says nothing of itself"
            }

            $own = $command.Parameters.Keys | Where-Object { $_ -notin [Management.Automation.Cmdlet]::CommonParameters -and $_ -notin 'WhatIf', 'Confirm' }
            foreach ($name in $own) {
                if (-not ($help.parameters.parameter | Where-Object Name -EQ $name).description.Text) {
                    "$command -$name"
                }
            }

            foreach ($example in $help.examples.example) {
                $errors = $null
                $script = [Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $errors)
                $errors
                foreach ($call in $script.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)) {
                    $called = Get-Command $call.GetCommandName()
                    $call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] -and -not $called.Parameters.ContainsKey($_.ParameterName) } |
                        ForEach-Object { "${command}: $called has no $_" }
                }
                if ($example.code -notmatch [regex]::Escape($command.Name)) {
                    "$command has an example of something else"
                }
            }
        }
        $lacking | Should -BeNullOrEmpty
        (Get-Help Undo-RepairExecution).examples.example.Count | Should -Be 2
        Get-Help about_IntegrityTools | Should -Match 'ledger'
    }

    It 'has no warning on import' {
        $said = & pwsh -NoProfile -NonInteractive -Command "Import-Module '$ManifestPath'" 2>&1 3>&1
        $said | Should -BeNullOrEmpty
    }

    It 'reads YAML and opens its ledger beside another YamlDotNet in the session' {
        $folder = Join-Path $TestDrive 'other'
        $null = New-Item $folder -ItemType Directory
        $null = New-ConflictDump "$folder/dump.jsonl"
        Set-Content "$folder/integrity.yaml" "stores:`n  shop:`n    address: couchdump:$folder/dump.jsonl`n"
        $script = @"
            `$ErrorActionPreference = 'Stop'
            `$builder = [Reflection.Emit.PersistedAssemblyBuilder]::new([Reflection.AssemblyName] 'YamlDotNet, Version=1.0.0.0', [object].Assembly)
            `$null = `$builder.DefineDynamicModule('YamlDotNet').DefineType('YamlDotNet.Stranger', 'Public').CreateType()
            `$builder.Save('$folder/YamlDotNet.dll')
            `$stranger = [Reflection.Assembly]::LoadFrom('$folder/YamlDotNet.dll')
            Import-Module '$ManifestPath'
            `$store = Get-IntegrityStore shop -Config '$folder/integrity.yaml'
            `$issues = @(Get-IntegrityIssue shop -Config '$folder/integrity.yaml' -Ledger '$folder/ledger.db')
            `$loaded = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.GetName().Name -eq 'YamlDotNet' }
            `$contexts = `$loaded | ForEach-Object { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$_).Name } | Sort-Object
            `$sqlite = [Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { `$_.GetName().Name -like '*Sqlite*' -or `$_.GetName().Name -like 'SQLitePCL*' }
            "`$(`$stranger.GetName().Version) `$(`$store.Name) `$(`$issues.Count) `$(`$contexts -join ',') `$(@(`$sqlite).Count)"
"@
        & pwsh -NoProfile -NonInteractive -Command $script | Should -Be '1.0.0.0 shop 4 Default,IntegrityTools 0'
    }

    It 'can be imported from the repository once it is built' {
        $count = & pwsh -NoProfile -NonInteractive -Command "Import-Module '$PSScriptRoot/../IntegrityTools.psd1'; (Get-Command -Module IntegrityTools).Count"
        $count | Should -Be 24
    }

    It 'takes at most 0.7 s longer to import than an empty start' {
        $seconds = {
            param($command)
            (1..5 | ForEach-Object { (Measure-Command { & pwsh -NoProfile -NonInteractive -Command $command }).TotalSeconds } | Sort-Object)[2]
        }
        (& $seconds "Import-Module '$ManifestPath'") - (& $seconds '1') | Should -BeLessThan 0.7
    }

    It 'works in ForEach-Object -Parallel' {
        $dumps = 1..4 | ForEach-Object { New-ConflictDump "$TestDrive/parallel-$_.jsonl" }
        $found = $dumps | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:ManifestPath
            @(Get-IntegrityIssue $_).Count
        }
        $found | Should -Be @(4, 4, 4, 4)
    }

    It 'does several jobs on one SQLite file in ForEach-Object -Parallel, while another process writes to it (journal_mode <_>)' -ForEach 'wal', 'delete' {
        . $PSScriptRoot/engines/Events.ps1
        $database = New-EventDatabase "$TestDrive/parallel-$_.db"
        Invoke-Sql $database "PRAGMA journal_mode = $_; CREATE TABLE note(id INTEGER PRIMARY KEY, text)"
        $writer = Start-Job {
            . $using:PSScriptRoot/engines/Module.ps1
            . $using:PSScriptRoot/engines/Events.ps1
            $null = Get-IntegrityStore
            for ($commits = 0; -not (Test-Path "$using:database.stop"); $commits++) {
                # As the last that has the database open, it removes the log when it closes.
                Invoke-Sql $using:database "INSERT INTO note(text) VALUES (hex(randomblob(2000)))"
                $null = New-Item "$using:database.begun" -Force
            }

            $commits
        }
        try {
            while (-not (Test-Path "$database.begun") -and $writer.State -in 'NotStarted', 'Running') { Start-Sleep -Milliseconds 20 }
            $found = 1..16 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:ManifestPath
                $database = $using:database
                $number = $_
                switch ($number % 4) {
                    0 { Get-IntegrityIssue $database -Type damaged_page, index_mismatch, damaged_wal, foreign_wal }
                    1 { $null = Get-IntegrityHealth $database }
                    2 { $null = Backup-IntegrityStore $database "$database.backups/$number" }
                    3 {
                        try { $null = Optimize-IntegrityStore $database }
                        catch {
                            # SQLite shares the log's index in a process: while a scan has it open to be read only, nobody begins to write.
                            if ("$_" -notmatch 'attempt to write a readonly database') { throw }
                        }
                    }
                }
            }
        }
        finally {
            $null = New-Item "$database.stop"
        }

        $found | Should -BeNullOrEmpty
        $commits = $writer | Receive-Job -Wait -AutoRemoveJob
        $commits | Should -BeGreaterThan 0
        (Backup-IntegrityStore $database "$database.backups").Counts['note'] | Should -Be $commits
    }
}
