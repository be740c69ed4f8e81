#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests and packages the IntegrityTools module.
.DESCRIPTION
    Needs the .NET SDK and PowerShell; the cmdlets' tests also need Pester 5 or later, and are skipped by name without it.

    Build    publishes the module to out/module/IntegrityTools
    Test     runs dotnet test, then the task Pester
    Pester   runs tests/*.Tests.ps1 against the built module; writes its counts to out/test-results/pester.counts
    Package  writes a zip and a NuGet package of the module to out/packages, with their SHA-256 sums
.EXAMPLE
    ./build.ps1
    Import-Module ./out/module/IntegrityTools/IntegrityTools.psd1
.EXAMPLE
    ./build.ps1 -Task Build, Test, Package
#>
[CmdletBinding()]
param(
    # What to do, in this order.
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester', 'Package')]
    [string[]] $Task = 'Build',

    # The .NET configuration.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

$root = $PSScriptRoot
$moduleFolder = Join-Path $root 'out' 'module' 'IntegrityTools'
$manifestFile = Join-Path $moduleFolder 'IntegrityTools.psd1'
$resultFolder = Join-Path $root 'out' 'test-results'
$packageFolder = Join-Path $root 'out' 'packages'

function Invoke-DotNet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE."
    }
}

function Publish-Project([string] $Name, [string] $Destination) {
    Invoke-DotNet publish (Join-Path $root 'src' $Name) --configuration $Configuration --output $Destination --nologo --verbosity quiet
}

function Build-Module {
    if (Test-Path $moduleFolder) {
        Remove-Item $moduleFolder -Recurse -Force
    }

    $bin = Join-Path $moduleFolder 'bin'
    Publish-Project 'IntegrityTools.Loader' $bin
    Publish-Project 'IntegrityTools.PowerShell' (Join-Path $bin 'engine')
    $comments = Join-Path $bin 'engine' 'IntegrityTools.PowerShell.xml'
    $written = Move-Item $comments (Join-Path $root 'out' 'IntegrityTools.PowerShell.xml') -Force -PassThru
    Get-ChildItem $bin -Recurse -File -Include '*.pdb', 'IntegrityTools*.xml' | Remove-Item

    # The types that both load contexts share must come from one file only.
    $twin = Join-Path $bin 'engine' 'IntegrityTools.Loader.dll'
    if (Test-Path $twin) {
        Remove-Item $twin
    }

    Copy-Item (Join-Path $root 'module' '*') $moduleFolder -Recurse
    Copy-Item (Join-Path $root 'LICENSE') $moduleFolder
    # In the repository the module's files lie in module/; in what is shipped, beside the manifest.
    $manifest = Get-Content (Join-Path $root 'IntegrityTools.psd1') -Raw
    Set-Content $manifestFile ($manifest -replace "(['`"])(\./)?module/", '$1') -NoNewline

    # A process of its own: an assembly once loaded cannot be unloaded, and the next Build has to replace it.
    & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -File (Join-Path $root 'src' 'IntegrityTools.PowerShell' 'New-ModuleHelp.ps1') `
        -Module $manifestFile -Comments $written.FullName -Path (Join-Path $moduleFolder 'en-US' 'IntegrityTools.PowerShell.dll-Help.xml')
    if ($LASTEXITCODE -ne 0) {
        throw 'The help of the cmdlets could not be written.'
    }

    Write-Host "Built $manifestFile"
}

function Invoke-PesterTest {
    New-Item $resultFolder -ItemType Directory -Force | Out-Null
    $files = @(Get-ChildItem (Join-Path $root 'tests') -Filter '*.Tests.ps1' -File)
    $counts = Join-Path $resultFolder 'pester.counts'
    $pester = Get-Module Pester -ListAvailable | Sort-Object Version -Descending | Select-Object -First 1
    if ($files.Count -eq 0 -or -not $pester -or $pester.Version.Major -lt 5) {
        $reason = if ($files.Count -eq 0) { 'there are no tests/*.Tests.ps1' } else { 'Pester 5 or later is not installed' }
        Write-Host "PowerShell: $($files.Count) test files skipped; $reason."
        Set-Content $counts "0 0 $($files.Count)"
        return
    }

    if (-not (Test-Path $manifestFile)) {
        Build-Module
    }

    # A process of its own: an assembly once loaded cannot be unloaded, and the next Build has to replace it.
    $paths = ($files.FullName | ForEach-Object { "'" + $_.Replace("'", "''") + "'" }) -join ', '
    $command = @"
        `$ErrorActionPreference = 'Stop'
        Import-Module '$($pester.Path.Replace("'", "''"))'
        `$configuration = New-PesterConfiguration
        `$configuration.Run.Path = @($paths)
        `$configuration.Run.PassThru = `$true
        `$configuration.Output.Verbosity = 'Normal'
        `$result = Invoke-Pester -Configuration `$configuration
        `$failed = `$result.FailedCount + `$result.FailedBlocksCount + `$result.FailedContainersCount
        Set-Content '$($counts.Replace("'", "''"))' "`$(`$result.PassedCount) `$failed `$(`$result.SkippedCount + `$result.InconclusiveCount)"
"@
    Remove-Item $counts -ErrorAction Ignore
    & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command $command
    if (-not (Test-Path $counts)) {
        throw 'Pester ended without a result; its output above says why.'
    }

    $failed = [int] (Get-Content $counts).Split(' ')[1]
    if ($failed -gt 0) {
        throw "$failed of the cmdlets' tests failed."
    }
}

function New-Archive([string] $Path, [Collections.IDictionary] $Content) {
    Remove-Item $Path -ErrorAction Ignore
    $archive = [IO.Compression.ZipFile]::Open($Path, 'Create')
    try {
        foreach ($name in $Content.Keys) {
            $entry = $archive.CreateEntry($name, 'SmallestSize')
            # One fixed time for all: the same input makes the same bytes.
            $entry.LastWriteTime = [DateTimeOffset]::new(2000, 1, 1, 0, 0, 0, [TimeSpan]::Zero)
            $target = $entry.Open()
            try {
                $bytes = $Content[$name]
                $target.Write($bytes, 0, $bytes.Length)
            }
            finally {
                $target.Dispose()
            }
        }
    }
    finally {
        $archive.Dispose()
    }
}

function New-Package {
    Build-Module
    New-Item $packageFolder -ItemType Directory -Force | Out-Null
    $manifest = Import-PowerShellDataFile $manifestFile
    $version = $manifest.ModuleVersion
    $utf8 = [Text.UTF8Encoding]::new($false)

    $files = [ordered]@{}
    $names = [string[]] (Get-ChildItem $moduleFolder -Recurse -File |
        ForEach-Object { [IO.Path]::GetRelativePath($moduleFolder, $_.FullName).Replace('\', '/') })
    [Array]::Sort($names, [StringComparer]::Ordinal)
    foreach ($name in $names) {
        $files[$name] = [IO.File]::ReadAllBytes((Join-Path $moduleFolder $name))
    }

    $zipped = [ordered]@{}
    foreach ($name in $names) {
        $zipped["IntegrityTools/$version/$name"] = $files[$name]
    }

    $zip = Join-Path $packageFolder "IntegrityTools-$version.zip"
    New-Archive $zip $zipped

    $description = [Security.SecurityElement]::Escape($manifest.Description)
    $extensions = $names | ForEach-Object { [IO.Path]::GetExtension($_).TrimStart('.') } | Where-Object { $_ } | Sort-Object -Unique
    $types = ($extensions + 'nuspec', 'rels' | Sort-Object -Unique | ForEach-Object {
            $type = if ($_ -eq 'rels') { 'application/vnd.openxmlformats-package.relationships+xml' } else { 'application/octet' }
            "<Default Extension=`"$_`" ContentType=`"$type`" />"
        }) -join ''
    $bare = ($names | Where-Object { -not [IO.Path]::GetExtension($_) } |
        ForEach-Object { "<Override PartName=`"/$_`" ContentType=`"application/octet`" />" }) -join ''
    $parts = [ordered]@{
        'IntegrityTools.nuspec' = $utf8.GetBytes(@"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd"><metadata><id>IntegrityTools</id><version>$version</version><authors>$([Security.SecurityElement]::Escape($manifest.Author))</authors><license type="expression">MIT</license><description>$description</description><tags>PSModule PSEdition_Core</tags></metadata></package>
"@)
        '_rels/.rels'           = $utf8.GetBytes('<?xml version="1.0" encoding="utf-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/IntegrityTools.nuspec" Id="R1" /></Relationships>')
        '[Content_Types].xml'   = $utf8.GetBytes("<?xml version=`"1.0`" encoding=`"utf-8`"?><Types xmlns=`"http://schemas.openxmlformats.org/package/2006/content-types`">$types$bare</Types>")
    }
    foreach ($name in $names) {
        $parts[$name] = $files[$name]
    }

    $package = Join-Path $packageFolder "IntegrityTools.$version.nupkg"
    New-Archive $package $parts

    $sums = Get-FileHash $zip, $package -Algorithm SHA256 |
        ForEach-Object { '{0}  {1}' -f $_.Hash.ToLowerInvariant(), (Split-Path $_.Path -Leaf) }
    Set-Content (Join-Path $packageFolder 'SHA256SUMS') $sums
    $sums | ForEach-Object { Write-Host $_ }
}

foreach ($one in $Task) {
    switch ($one) {
        'Build' { Build-Module }
        'Pester' { Invoke-PesterTest }
        'Package' { New-Package }
        'Test' {
            Invoke-DotNet test (Join-Path $root 'IntegrityTools.sln')
            Invoke-PesterTest
        }
    }
}
