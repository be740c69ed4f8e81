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

    It 'keeps names and ranks of what goes through a file or a job, with and without the module' {
        $dump = New-ConflictDump "$TestDrive/file.jsonl"
        $issues = Get-IntegrityIssue $dump
        $plan = $issues | New-RepairPlan
        $plan, $issues[0] | Export-Clixml "$TestDrive/file.xml" -Depth 4
        $back = Import-Clixml "$TestDrive/file.xml"
        $back[0].HighestRisk | Should -Be $plan.HighestRisk
        $back[0].Operations[0].Risk.GetType() | Should -Be $plan.Operations[0].Risk.GetType()
        $back[1].Severity | Should -Be $issues[0].Severity
        @($back[1] | Where-Object Severity -GE Medium).Count | Should -Be 1
        $names = & pwsh -NoProfile -NonInteractive -Command "`$back = Import-Clixml '$TestDrive/file.xml'; `$back[0].Strategy; `$back[0].HighestRisk; `$back[1].Severity"
        $names | Should -Be "$($plan.Strategy)", "$($plan.HighestRisk)", "$($issues[0].Severity)"
        $fromJob = Start-Job { Import-Module $using:ManifestPath; Get-IntegrityIssue $using:dump } | Receive-Job -Wait -AutoRemoveJob
        @($fromJob | Where-Object Severity -EQ Critical).Count | Should -Be @($issues | Where-Object Severity -EQ Critical).Count
        ($fromJob | New-RepairPlan).Operations.Count | Should -Be 4
    }

    It 'gives lists that can be indexed, in every object' {
        $dump = New-ConflictDump "$TestDrive/lists.jsonl"
        $issues = Get-IntegrityIssue $dump
        $plan = $issues | New-RepairPlan
        $dry = $plan | Invoke-RepairPlan -WhatIf -Destination "$TestDrive/lists-out.jsonl"
        $saved = Backup-IntegrityStore "$PSScriptRoot/data/orphaned-rows.db" "$TestDrive/lists"
        $restored = $saved | Restore-IntegrityStore -WhatIf -WarningAction SilentlyContinue
        $objects = @($issues; $issues.Evidence; $issues.Evidence.Leaves; $plan; $plan.Operations; $plan.Operations.Choices; $dry; $saved; $restored; Get-IntegrityHealth $dump; Get-IntegrityReport; Test-IntegrityAudit)
        $odd = foreach ($object in $objects) {
            foreach ($property in $object.GetType().GetProperties()) {
                $value = $property.GetValue($object)
                if ($null -ne $value -and $value.GetType().Name -like '<>z*') { "$($object.GetType().Name).$($property.Name)" }
            }
        }
        $odd | Sort-Object -Unique | Should -BeNullOrEmpty
        $waits = $plan.Operations | Where-Object NeedsReview
        $waits.Choices[1].Revision | Should -Be "2-$('e' * 32)"
    }

    It 'takes paths as PowerShell has them: drives, the home folder, its location, and no wildcards for a store' {
        $folder = (New-Item "$TestDrive/places" -ItemType Directory).FullName
        Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$folder/app.db"
        Copy-Item (New-ConflictDump "$TestDrive/places.jsonl") "$folder/dump.jsonl"
        $null = New-PSDrive D9 FileSystem $folder
        $had = $env:HOME
        try {
            $env:HOME = $folder
            Set-Location D9:/
            $same = 'D9:/app.db', 'sqlite:D9:/app.db', './app.db', 'app.db', 'TestDrive:/places/app.db', "Microsoft.PowerShell.Core\FileSystem::$folder/app.db"
            foreach ($store in $same) {
                (Get-IntegrityStore $store).Address | Should -Be "sqlite:$folder/app.db"
            }

            (Get-IntegrityStore couchdump:D9:/dump.jsonl).Address | Should -Be "couchdump:$folder/dump.jsonl"
            (Get-IntegrityStore couchdb://localhost/a).Address | Should -Be 'couchdb://localhost:5984/a'
            $plan = New-RepairPlan D9:/dump.jsonl -Ledger D9:/own.db
            $plan | Export-RepairPlan -Destination D9:/plan.json
            Import-RepairPlan D9:/plan.json -Ledger D9:/own.db | ForEach-Object Id | Should -Be $plan.Id
            $null = Backup-IntegrityStore D9:/app.db D9:/saved
            (Test-IntegrityBackup D9:/saved).Ok | Should -BeTrue
            (Get-IntegrityBackup -Path TestDrive:/places/saved).Store | Should -Be "sqlite:$folder/app.db"
            Set-Location Env:
            (Get-IntegrityStore D9:/app.db).Address | Should -Be "sqlite:$folder/app.db"
            { Get-IntegrityHealth Env:/app.db -ErrorAction Stop } | Should -Throw '*names no file*Environment*'
            { Get-IntegrityIssue D9:/*.db -ErrorAction Stop } | Should -Throw '*wildcards name no store*'
        }
        finally {
            Set-Location $PSScriptRoot
            $env:HOME = $had
            Remove-PSDrive D9
        }
    }

    It 'tells that the ledger cannot be used before it shows issues or makes a backup, and names cmdlets' {
        $dump = New-ConflictDump "$TestDrive/refused.jsonl"
        $file = New-Item "$TestDrive/no-folder" -ItemType File -Value 'x'
        $seen = [Collections.Generic.List[object]]::new()
        $failure = { Get-IntegrityIssue $dump -Ledger "$file/ledger.db" | ForEach-Object { $seen.Add($_) } } | Should -Throw -ErrorId 'LedgerUnavailable,*' -PassThru
        $seen.Count | Should -Be 0
        "$failure" | Should -Not -Match '\.\.$'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Ledger'
        $failure.ErrorDetails.RecommendedAction | Should -Not -Match '--'
        { Backup-IntegrityStore "$PSScriptRoot/data/orphaned-rows.db" "$TestDrive/unrecorded" -Ledger "$file/ledger.db" } | Should -Throw -ErrorId 'LedgerUnavailable,*'
        Get-ChildItem "$TestDrive/unrecorded" -ErrorAction Ignore | Should -BeNullOrEmpty
    }

    It 'names no verb of the command line in an error, and only cmdlets and parameters that there are in the source' {
        $failure = { Get-RepairPlan plan-none -ErrorAction Stop } | Should -Throw -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Be "List them with 'Get-RepairPlan -AllStores'; another ledger is named by -Ledger or INTEGRITY_LEDGER."
        $named = Get-ChildItem "$PSScriptRoot/../src" -Recurse -Filter *.cs | Where-Object FullName -NotMatch '[\\/]obj[\\/]' |
            Select-String -CaseSensitive '\b(?<command>[A-Z][a-z]+-(Integrity|Repair)[A-Z]\w+)(?<rest>( -[A-Z]\w+| \{[^}]*\}| \w+)*)' -AllMatches | Where-Object Line -NotMatch '^\s*//'
        $named.Count | Should -BeGreaterThan 20
        foreach ($match in $named.Matches) {
            $command = Get-Command $match.Groups['command'].Value
            foreach ($parameter in [regex]::Matches($match.Groups['rest'].Value, ' -(\w+)')) {
                $command.Parameters.Keys | Should -Contain $parameter.Groups[1].Value -Because $match.Value
            }
        }
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
