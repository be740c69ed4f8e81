@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # build.ps1 speaks to a person at a terminal.
        'PSAvoidUsingWriteHost'
    )
}
