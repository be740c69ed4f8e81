@{
    RootModule           = 'module/IntegrityTools.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = 'b0a5f7c4-6d1e-4f0b-9a55-0b1d3c8f2e71'
    Author               = 'IntegrityTools contributors'
    CompanyName          = 'Community'
    Copyright            = '(c) IntegrityTools contributors. MIT License.'
    Description          = 'Finds, explains, repairs and takes back CouchDB conflicts, on servers and in dump files, and faults in SQLite databases: every repair is planned, shown, checked, recorded and can be undone. Backs up, tests, restores and salvages.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('module/IntegrityTools.format.ps1xml')
    TypesToProcess       = @('module/IntegrityTools.types.ps1xml')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    CmdletsToExport      = @(
        'Get-IntegrityStore'
        'Get-IntegrityIssue'
        'Test-IntegrityDocument'
        'Save-IntegrityDocument'
        'Set-IntegrityIssue'
        'New-RepairPlan'
        'Get-RepairPlan'
        'Export-RepairPlan'
        'Import-RepairPlan'
        'Invoke-RepairPlan'
        'Get-RepairExecution'
        'Resume-RepairExecution'
        'Undo-RepairExecution'
        'Get-IntegrityHealth'
        'Get-IntegrityReport'
        'Test-IntegrityAudit'
        'Backup-IntegrityStore'
        'Restore-IntegrityStore'
        'Get-IntegrityBackup'
        'Test-IntegrityBackup'
        'Install-IntegritySummary'
        'Test-IntegritySummary'
        'Update-IntegritySummary'
        'Optimize-IntegrityStore'
    )
    PrivateData          = @{
        PSData = @{
            Tags = @('CouchDB', 'SQLite', 'Integrity', 'Conflicts', 'Repair', 'Backup', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
