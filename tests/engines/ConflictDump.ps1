# Writes a dump of a database with known conflicts, in couchbackup's form: one array of documents a line.
Set-StrictMode -Version Latest

function New-ConflictDump {
    <#
    .SYNOPSIS
        A dump with two documents in mergeable conflict, one with five live leaves, one edited against its deletion, and some sound ones.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] [string] $Path, [int] $Sound = 20, [int] $Conflicts = 0)

    $revision = { param($letter) [string]::new($letter, 32) }
    $leaf = {
        param($id, $generations, $fields)
        $ids = @($generations | ForEach-Object { & $revision $_ })
        $document = [ordered]@{ _id = $id; _rev = "$($ids.Count)-$($ids[0])" }
        foreach ($name in $fields.Keys) { $document[$name] = $fields[$name] }
        $document['_revisions'] = [ordered]@{ start = $ids.Count; ids = $ids }
        $document
    }
    $pair = {
        param($id)
        & $leaf $id 'a' @{ '@type' = 'Task'; title = 'one'; hours = 1; note = 'x' }
        & $leaf $id 'b', 'a' @{ '@type' = 'Task'; title = 'two'; hours = 1; note = 'x' }
        & $leaf $id 'c', 'a' @{ '@type' = 'Task'; title = 'one'; hours = 1; note = 'y' }
    }

    $documents = [Collections.Generic.List[object]]::new()
    for ($number = 1; $number -le $Sound; $number++) {
        $documents.Add((& $leaf "sound-$number" 'a' @{ '@type' = 'Task'; title = "sound $number" }))
    }

    & $pair 'merge me' | ForEach-Object { $documents.Add($_) }
    & $pair 'häuser/1' | ForEach-Object { $documents.Add($_) }
    for ($number = 1; $number -le $Conflicts; $number++) {
        & $pair "pair-$number" | ForEach-Object { $documents.Add($_) }
    }

    foreach ($letter in 'b', 'c', 'd', 'e', 'f') {
        $documents.Add((& $leaf 'crowded' $letter, 'a' @{ '@type' = 'Note'; text = $letter }))
    }

    $documents.Add((& $leaf 'deleted and edited' 'b', 'a' @{ '@type' = 'Note'; text = 'edited' }))
    $documents.Add((& $leaf 'deleted and edited' 'c', 'a' @{ _deleted = $true }))

    $lines = for ($start = 0; $start -lt $documents.Count; $start += 10) {
        $batch = @($documents.GetRange($start, [Math]::Min(10, $documents.Count - $start)))
        ConvertTo-Json -InputObject $batch -Depth 10 -Compress
    }
    [IO.File]::WriteAllText($Path, ($lines -join "`n") + "`n")
    $Path
}
