<#
.SYNOPSIS
    Writes the help that Get-Help shows of the cmdlets, from the comments of their classes and parameters.
.DESCRIPTION
    The first sentence of a class's summary is the synopsis; each example is a code element and what it does. Run in a process of its own: it loads the built module.
#>
[CmdletBinding()]
param(
    # The built module's manifest.
    [Parameter(Mandatory)]
    [string] $Module,

    # The XML file that the compiler wrote of the cmdlets' comments.
    [Parameter(Mandatory)]
    [string] $Comments,

    # The help file to write.
    [Parameter(Mandatory)]
    [string] $Path
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$command = [Xml.Linq.XNamespace] 'http://schemas.microsoft.com/maml/dev/command/2004/10'
$maml = [Xml.Linq.XNamespace] 'http://schemas.microsoft.com/maml/2004/10'
$dev = [Xml.Linq.XNamespace] 'http://schemas.microsoft.com/maml/dev/2004/10'

$members = @{}
foreach ($member in ([xml] (Get-Content $Comments -Raw)).doc.members.member) {
    $members[$member.name] = $member
}

function New-Element([Xml.Linq.XName] $Name, [object[]] $Content) {
    $element = [Xml.Linq.XElement]::new($Name)
    foreach ($part in $Content) {
        $element.Add($part)
    }

    , $element
}

# The words of a comment: a reference is the last part of its name.
function Get-Words([Xml.XmlNode] $Node) {
    $text = foreach ($child in $Node.ChildNodes) {
        switch ($child.LocalName) {
            'see' { $child.cref -replace '^.*[.:]([^.(]+)(\(.*)?$', '$1' }
            'paramref' { $child.name }
            'code' { }
            default { $child.InnerText }
        }
    }
    (-join $text -replace '\s+', ' ').Trim()
}

function Get-Member([string] $Name) {
    if (-not $members.ContainsKey($Name)) {
        throw "$Name has no comment."
    }

    $members[$Name]
}

function New-Text([Xml.Linq.XName] $Name, [string[]] $Paragraphs) {
    , (New-Element $Name ($Paragraphs.ForEach({ , (New-Element ($maml + 'para') $_) })))
}

function New-ParameterElement([Management.Automation.CommandParameterInfo] $Parameter, [type] $Cmdlet) {
    $declared = $Cmdlet.GetProperty($Parameter.Name).DeclaringType
    $words = Get-Words (Get-Member "P:$($declared.FullName).$($Parameter.Name)").SelectSingleNode('summary')
    $type = $Parameter.ParameterType.Name -replace '^Nullable`1$', { $Parameter.ParameterType.GenericTypeArguments[0].Name }
    $element = New-Element ($command + 'parameter') @(
        (New-Element ($maml + 'name') $Parameter.Name)
        (New-Text ($maml + 'description') $words)
    )
    if ($Parameter.ParameterType -ne [switch]) {
        $value = New-Element ($command + 'parameterValue') $type
        $value.SetAttributeValue('required', 'true')
        $element.Add($value)
    }

    $element.Add((New-Element ($dev + 'type') @(, (New-Element ($maml + 'name') $type))))
    $pipeline = @(if ($Parameter.ValueFromPipeline) { 'ByValue' }; if ($Parameter.ValueFromPipelineByPropertyName) { 'ByPropertyName' })
    $attributes = [ordered] @{
        required      = "$($Parameter.IsMandatory)".ToLowerInvariant()
        globbing      = 'false'
        pipelineInput = $pipeline ? "True ($($pipeline -join ', '))" : 'False'
        position      = $Parameter.Position -ge 0 ? $Parameter.Position : 'named'
        aliases       = $Parameter.Aliases.Count ? $Parameter.Aliases -join ', ' : 'none'
    }
    foreach ($name in $attributes.Keys) {
        $element.SetAttributeValue($name, $attributes[$name])
    }

    , $element
}

function New-CommandElement([Management.Automation.CmdletInfo] $Cmdlet) {
    $type = $Cmdlet.ImplementingType
    $comment = Get-Member "T:$($type.FullName)"
    $summary = Get-Words $comment.SelectSingleNode('summary')
    $description = @($summary) + @($comment.SelectNodes('remarks').ForEach({ Get-Words $_ }))
    $own = { $type.GetProperty($_.Name) }
    $sets = foreach ($set in $Cmdlet.ParameterSets) {
        $parameters = $set.Parameters | Where-Object $own | Sort-Object { $_.Position -ge 0 ? $_.Position : [int]::MaxValue } -Stable
        , (New-Element ($command + 'syntaxItem') @((New-Element ($maml + 'name') $Cmdlet.Name); $parameters.ForEach({ , (New-ParameterElement $_ $type) })))
    }
    $all = $Cmdlet.ParameterSets.Parameters | Where-Object $own | Sort-Object Name -Unique
    $number = 0
    $examples = foreach ($example in $comment.SelectNodes('example')) {
        $number++
        , (New-Element ($command + 'example') @(
                (New-Element ($maml + 'title') "Example $number")
                (New-Element ($dev + 'code') (($example.code -split '\r?\n').ForEach({ $_ -replace '^ {0,4}' }) -join "`n").Trim())
                (New-Text ($dev + 'remarks') (Get-Words $example))
            ))
    }
    if ($number -eq 0) {
        throw "$($Cmdlet.Name) has no example."
    }

    $outputs = $Cmdlet.OutputType.ForEach({ , (New-Element ($command + 'returnValue') @(, (New-Element ($dev + 'type') @(, (New-Element ($maml + 'name') $_.Name))))) })
    New-Element ($command + 'command') @(
        [Xml.Linq.XAttribute]::new([Xml.Linq.XNamespace]::Xmlns + 'maml', $maml.NamespaceName)
        [Xml.Linq.XAttribute]::new([Xml.Linq.XNamespace]::Xmlns + 'command', $command.NamespaceName)
        [Xml.Linq.XAttribute]::new([Xml.Linq.XNamespace]::Xmlns + 'dev', $dev.NamespaceName)
        (New-Element ($command + 'details') @(
            (New-Element ($command + 'name') $Cmdlet.Name)
            (New-Element ($command + 'verb') $Cmdlet.Verb)
            (New-Element ($command + 'noun') $Cmdlet.Noun)
            (New-Text ($maml + 'description') ($summary -replace '(?<=[^.][.;]) .*$' -replace ';$', '.'))
        ))
        (New-Text ($maml + 'description') $description)
        (New-Element ($command + 'syntax') $sets)
        (New-Element ($command + 'parameters') ($all.ForEach({ , (New-ParameterElement $_ $type) })))
        (New-Element ($command + 'returnValues') $outputs)
        (New-Element ($command + 'examples') $examples)
    )
}

Import-Module $Module
$help = New-Element ([Xml.Linq.XName] '{http://msh}helpItems') @(
    [Xml.Linq.XAttribute]::new('schema', 'maml')
    (Get-Command -Module IntegrityTools | Sort-Object Name).ForEach({ , (New-CommandElement $_) })
)
$null = New-Item (Split-Path $Path) -ItemType Directory -Force
$help.Save($Path)
