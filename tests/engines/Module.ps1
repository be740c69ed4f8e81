# What every cmdlet's test begins with: the built module, and a ledger and a configuration of its own.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

. (Join-Path $PSScriptRoot 'ConflictDump.ps1')

$script:ManifestPath = Join-Path $PSScriptRoot '..' '..' 'out' 'module' 'IntegrityTools' 'IntegrityTools.psd1'
if (-not (Test-Path $ManifestPath)) {
    throw "The module is not built: run ./build.ps1 first."
}

Import-Module $ManifestPath

function Use-FreshLedger([string] $Folder) {
    # Away from the user's own configuration, ledger and credentials.
    $env:INTEGRITY_LEDGER = Join-Path $Folder 'ledger.db'
    $config = Join-Path $Folder 'integrity.yaml'
    Set-Content $config @"
stores:
  shop:
    address: couchdump:$(Join-Path $Folder 'dump.jsonl')
"@
    $env:INTEGRITY_CONFIG = $config
}

# A SQLite database at hand, in a folder of its own below the one given: what a scan has left in the ledger. Returns its path.
function New-SqliteDatabase([string] $Folder) {
    $null = Get-IntegrityIssue (New-ConflictDump "$Folder/dump.jsonl")
    $database = (New-Item -ItemType Directory "$Folder/data").FullName + '/app.db'
    $null = Backup-IntegrityStore $env:INTEGRITY_LEDGER "$Folder/first" | Restore-IntegrityStore -Store "sqlite:$database" -Force
    $database
}
