# The cmdlets live in a load context of their own, so that their dependencies meet nobody else's.
Add-Type -Path ([IO.Path]::Combine($PSScriptRoot, 'bin', 'IntegrityTools.Loader.dll'))
$inner = Import-Module -Assembly ([IntegrityTools.Loader.ModuleLoadContext]::LoadModule()) -PassThru

# Import-Module -Force finds the assembly in its cache and forgets to hand its cmdlets on (PowerShell issue 20710).
if ($inner -and $ExecutionContext.SessionState.Module.ExportedCmdlets.Count -eq 0) {
    $export = [Management.Automation.PSModuleInfo].GetMethod('AddExportedCmdlet', [Reflection.BindingFlags] 'Instance, NonPublic')
    foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
        $null = $export.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
    }
}
