Describe 'Get-IntegrityHealth' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $dump = New-ConflictDump "$TestDrive/dump.jsonl"

        # What a volume that is nearly full costs, which is nothing that these tests say.
        $full = switch ((Get-IntegrityHealth shop).DiskUsage) { { $_ -gt 0.9 } { 20; break } { $_ -gt 0.8 } { 10; break } default { 0 } }
    }

    It 'tells what is known: nothing before a scan, counts with their age afterwards' {
        $before = Get-IntegrityHealth shop
        $before.HealthScore | Should -Be (100 - $full)
        $before.ConflictCount | Should -BeNullOrEmpty
        ($before.Checks | Where-Object Name -EQ 'detector').Status | Should -Be 'Degraded'
        $before.Recommendations.Command | Should -Contain 'Get-IntegrityIssue shop -Type all'

        $scan = (Get-IntegrityIssue shop)[0].ScanId
        $after = Get-IntegrityHealth shop
        $after.ConflictCount | Should -Be 4
        $after.HealthScore | Should -Be (88 - $full)
        $after.Sources['conflict_count'].ScanId | Should -Be $scan
        $after.Trend.ScoreChange | Should -Be -12
        ($after.Checks | Where-Object Name -EQ 'queue').Status | Should -Be 'Unhealthy'
    }

    It 'takes stores from the pipeline, and leaves no file beside a SQLite database' {
        New-Item "$TestDrive/sqlite" -ItemType Directory | Out-Null
        Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$TestDrive/sqlite/app.db"
        $before = (Get-FileHash "$TestDrive/sqlite/app.db").Hash
        $health = @(Get-IntegrityStore; Get-Item "$TestDrive/sqlite/app.db") | Get-IntegrityHealth
        $health.Count | Should -Be 2
        $health[1].Sqlite.Pages | Should -BeGreaterThan 1
        (Get-FileHash "$TestDrive/sqlite/app.db").Hash | Should -Be $before
        (Get-ChildItem "$TestDrive/sqlite").Name | Should -Be 'app.db'
    }

    It 'advises what can be run as it stands' {
        $folder = (New-Item "$TestDrive/it's here" -ItemType Directory).FullName
        Copy-Item "$PSScriptRoot/data/orphaned-rows.db" "$folder/app.db"
        $commands = (Get-IntegrityHealth "$folder/app.db").Recommendations.Command
        $commands | Should -Not -BeNullOrEmpty
        foreach ($command in $commands) {
            { $null = Invoke-Expression ($command -replace 'FOLDER', "'$($folder -replace "'", "''")'") } | Should -Not -Throw -Because $command
        }
    }

    It 'advises with the configuration and the ledger that it was asked with' {
        $places = @{ Config = "$TestDrive/other.yaml"; Ledger = "$TestDrive/other.db" }
        'resolution: {}' | Set-Content $places.Config
        $commands = (Get-IntegrityHealth $dump @places).Recommendations.Command
        $commands | Should -Not -BeNullOrEmpty
        $commands | Should -BeLike "*-Config $($places.Config) -Ledger $($places.Ledger)"
    }

    It 'broke words and commands where the window ends' {
        $health = [pscustomobject]@{
            PSTypeName = 'IntegrityTools.Model.StoreHealth'
            Timestamp = [DateTimeOffset]::UtcNow
            Checks = @('detector, Healthy: The last scan of all of it ended 12 minutes ago. It did not look for duplicates, validation.')
            Recommendations = @([pscustomobject]@{ Text = 'Back it up.'; Command = "Backup-IntegrityStore shop -Destination 'it''s -here/backups' -Incremental -Config /etc/integrity.yaml" })
        }
        $shown = $health | Out-String -Width 80
        $shown -split '\s+' | Should -Contain 'minutes'
        $shown -replace ' `\r?\n\s+', ' ' | Should -Match ([regex]::Escape($health.Recommendations[0].Command) + '\r?\n')
    }

    It 'names a store that is not there' {
        { Get-IntegrityHealth "$TestDrive/none.db" -ErrorAction Stop } | Should -Throw -ErrorId 'StoreNotFound,*'
    }

    It 'has no score of a store of which nothing can be read' {
        'no database at all' | Set-Content "$TestDrive/note.db"
        $health = Get-IntegrityHealth "$TestDrive/note.db"
        $health.HealthScore | Should -BeNullOrEmpty
        $health | Out-String -Width 120 | Should -Match 'HealthScore\s+: unknown'
    }

    It 'shows checks and recommendations' {
        $text = Get-IntegrityHealth shop | Out-String -Width 200
        $text | Should -Match "HealthScore +: $(88 - $full)"
        $text | Should -Match 'queue, Unhealthy'
        $text | Should -Match 'New-RepairPlan shop -Type conflicts'
    }
}
