# The cmdlets live in a load context of their own, so that their dependencies meet nobody else's.
$bin = [IO.Path]::Combine($PSScriptRoot, 'bin')
if (-not [IO.Directory]::Exists($bin)) {
    # Imported from the repository, not from what was built of it.
    $bin = [IO.Path]::Combine($PSScriptRoot, '..', 'out', 'module', 'IntegrityTools', 'bin')
    if (-not [IO.Directory]::Exists($bin)) {
        throw 'The module is not built yet: run ./build.ps1 first.'
    }
}

Add-Type -Path ([IO.Path]::Combine($bin, 'IntegrityTools.Loader.dll'))
$cmdlets = [IntegrityTools.Loader.ModuleLoadContext]::LoadModule()
$inner = Import-Module -Assembly $cmdlets -PassThru
Update-TypeData -TypeData $cmdlets.GetType('IntegrityTools.PowerShell.Arguments.Revived')::Types -Force

# Import-Module -Force finds the assembly in its cache and forgets to hand its cmdlets on (PowerShell issue 20710).
if ($inner -and $ExecutionContext.SessionState.Module.ExportedCmdlets.Count -eq 0) {
    $export = [Management.Automation.PSModuleInfo].GetMethod('AddExportedCmdlet', [Reflection.BindingFlags] 'Instance, NonPublic')
    foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
        $null = $export.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
    }
}
