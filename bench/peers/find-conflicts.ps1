# What a user would write to list the conflicts of a database. The address and the credential come from the environment.
$headers = @{ Authorization = 'Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($env:COUCH_USER + ':' + $env:COUCH_PASSWORD)) }
$answer = Invoke-RestMethod "$($env:COUCH_DATABASE)/_all_docs?include_docs=true&conflicts=true" -Headers $headers
$answer.rows.doc |
    Where-Object { $_.PSObject.Properties['_conflicts'] } |
    ForEach-Object { '{0} {1} {2}' -f $_._id, $_._rev, ($_._conflicts -join ' ') }
