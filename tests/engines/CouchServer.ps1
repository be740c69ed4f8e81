# Finds or starts a CouchDB for tests: COUCHDB_URL, an installation in /opt/couchdb, or couchdb on the PATH, in this order.
Set-StrictMode -Version Latest

function Find-CouchServer {
    <#
    .SYNOPSIS
        A URL, or the folder of an installation; nothing when there is neither.
    #>
    if ($env:COUCHDB_URL) { return $env:COUCHDB_URL }
    $onPath = Get-Command couchdb -CommandType Application -ErrorAction Ignore | Select-Object -First 1
    $places = @('/opt/couchdb') + @(if ($onPath) { Split-Path (Split-Path $onPath.Source) })
    $places | Where-Object { Test-Path (Join-Path $_ 'bin' 'couchdb') } | Select-Object -First 1
}

function Start-CouchServer {
    <#
    .SYNOPSIS
        A running server: Address (couchdb://…), Url, Credential, Headers, and the Process when it was started here.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] [string] $Folder)

    $place = Find-CouchServer
    $process = $null
    if ($place -match '^https?://') {
        $url = [Uri] $place
        $user, $password = if ($url.UserInfo) { $url.UserInfo.Split(':', 2) | ForEach-Object { [Uri]::UnescapeDataString($_) } } else { 'admin', 'secret' }
        $root = "$($url.Scheme)://$($url.Authority)"
    }
    else {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $port = $listener.LocalEndpoint.Port
        $listener.Stop()
        $user, $password, $root = 'admin', 'secret', "http://127.0.0.1:$port"
        $ini = Join-Path $Folder 'couch.ini'
        Set-Content $ini @"
[couchdb]
single_node = true
database_dir = $Folder/couch-data
view_index_dir = $Folder/couch-data
uuid = $([guid]::NewGuid().ToString('N'))
[chttpd]
port = $port
bind_address = 127.0.0.1
[cluster]
n = 1
[log]
level = error
[admins]
admin = secret
"@
        # CouchDB reads no standard input: a shell does it in its place, so that the server ends with the tests however they end.
        $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
        $start.ArgumentList.Add('-c')
        $start.ArgumentList.Add('"$0" "$@" < /dev/null & server=$!; cat > /dev/null; kill -9 $server')
        $start.ArgumentList.Add((Join-Path $place 'bin' 'couchdb'))
        $start.ArgumentList.Add('-couch_ini')
        $start.ArgumentList.Add((Join-Path $place 'etc' 'default.ini'))
        $start.ArgumentList.Add($ini)
        $start.Environment['ERL_AFLAGS'] = '-dist_listen false -start_epmd false'
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $null = $process.StandardOutput.ReadToEndAsync()
        $null = $process.StandardError.ReadToEndAsync()
    }

    $basic = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("${user}:$password"))
    $server = [pscustomobject]@{
        Url        = $root
        Address    = $root -replace '^https', 'couchdbs' -replace '^http', 'couchdb'
        Credential = [pscredential]::new($user, [Net.NetworkCredential]::new('', $password).SecurePassword)
        Headers    = @{ Authorization = "Basic $basic" }
        Process    = $process
    }
    $deadline = [DateTime]::UtcNow.AddSeconds(60)
    while ($true) {
        try {
            $null = Invoke-RestMethod "$root/_up" -Headers $server.Headers
            return $server
        }
        catch {
            if ([DateTime]::UtcNow -gt $deadline) { Stop-CouchServer $server; throw }
            Start-Sleep -Milliseconds 100
        }
    }
}

function Stop-CouchServer {
    <#
    .SYNOPSIS
        Ends a server that was started here; another's is left alone.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] $Server)

    if ($Server.Process -and -not $Server.Process.HasExited) {
        $Server.Process.Kill($true)
        $Server.Process.WaitForExit()
    }
}

function New-CouchDatabase {
    <#
    .SYNOPSIS
        A database with the documents of a dump, revisions and all; its address.
    #>
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Dump)

    $name = "t$([guid]::NewGuid().ToString('N'))"
    $null = Invoke-RestMethod "$($Server.Url)/$name" -Method Put -Headers $Server.Headers
    # Each line is an array of documents; all of them go in one request.
    $documents = [IO.File]::ReadAllLines($Dump).ForEach({ $_.Substring(1, $_.Length - 2) }) -join ','
    $body = [Text.Encoding]::UTF8.GetBytes("{`"new_edits`":false,`"docs`":[$documents]}")
    $null = Invoke-RestMethod "$($Server.Url)/$name/_bulk_docs" -Method Post -Headers $Server.Headers -ContentType 'application/json' -Body $body
    "$($Server.Address)/$name"
}

function Get-CouchSequence {
    <#
    .SYNOPSIS
        The update sequence's number: it grows with every write.
    #>
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Address)

    $name = $Address.Split('/')[-1]
    (Invoke-RestMethod "$($Server.Url)/$name" -Headers $Server.Headers).update_seq.Split('-')[0]
}
