Describe 'Get-IntegrityStore' {
    BeforeAll {
        . $PSScriptRoot/engines/Module.ps1
        Use-FreshLedger $TestDrive
        $null = New-ConflictDump "$TestDrive/dump.jsonl"
    }

    It 'lists the configured stores' {
        $store = Get-IntegrityStore
        $store.Name | Should -Be 'shop'
        $store.Kind | Should -Be 'couchdump'
    }

    It 'takes wildcards over names' {
        (Get-IntegrityStore 'sh*').Name | Should -Be 'shop'
        Get-IntegrityStore 'x*' | Should -BeNullOrEmpty
    }

    It 'understands a path relative to the current location' {
        Push-Location $TestDrive
        try { (Get-IntegrityStore ./dump.jsonl).Address | Should -Be "couchdump:$TestDrive/dump.jsonl" }
        finally { Pop-Location }
    }

    It 'takes the stores by value and by property name' {
        ('shop' | Get-IntegrityStore).Name | Should -Be 'shop'
        ([pscustomobject]@{ Store = 'shop' } | Get-IntegrityStore).Name | Should -Be 'shop'
        (Get-Item "$TestDrive/dump.jsonl" | Get-IntegrityStore).Kind | Should -Be 'couchdump'
        (Get-IntegrityStore | Get-IntegrityStore).Name | Should -Be 'shop'
    }

    It 'names what is unknown and says what to do' {
        $failures = $null
        Get-IntegrityStore 'nowhere' -ErrorVariable failures -ErrorAction SilentlyContinue
        $failures[0].FullyQualifiedErrorId | Should -Be 'UnknownStore,IntegrityTools.PowerShell.Commands.GetIntegrityStore'
        $failures[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'refuses an address that holds a password' {
        { Get-IntegrityStore 'couchdb://me:hunter2@127.0.0.1:5984/db' -ErrorAction Stop } | Should -Throw -ErrorId 'PasswordInAddress,*'
    }

    It 'completes configured names' {
        (TabExpansion2 'Get-IntegrityStore sh').CompletionMatches.CompletionText | Should -Contain 'shop'
    }
}
