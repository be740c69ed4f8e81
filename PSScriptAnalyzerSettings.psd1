@{
    Severity     = @('Error', 'Warning')
    ExcludeRules = @(
        # build.ps1 speaks to a person at a terminal.
        'PSAvoidUsingWriteHost'
        # Sees no use of a variable or a parameter in a script block inside: Pester's blocks and the functions of a script share them.
        'PSUseDeclaredVarsMoreThanAssignments'
        'PSReviewUnusedParameter'
        # What the functions of build.ps1 and of the tests make is their own.
        'PSUseShouldProcessForStateChangingFunctions'
        # PowerShell 7 reads UTF-8 as it is.
        'PSUseBOMForUnicodeEncodedFile'
    )
}
