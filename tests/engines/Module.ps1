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
