# A terminal of the tests' own: PowerShell runs in it as at a keyboard, and the test decides which of its questions are answered.
Set-StrictMode -Version Latest

function Find-Terminal {
    # util-linux makes the terminal; BSD's script has other options.
    $IsLinux -and (Get-Command script -CommandType Application -ErrorAction Ignore)
}

function Invoke-InTerminal {
    <#
    .SYNOPSIS
        Runs a script in a terminal of 80 by 24 and presses Ctrl+C in the place of the answer to a question for the cursor's position: the
        second one that is asked after $After was shown. Questions before and after it are answered.
    .OUTPUTS
        What was shown, and whether the script ended within the time.
    #>
    param(
        [Parameter(Mandatory)] [string] $ScriptPath,
        [Parameter(Mandatory)] [string] $After,
        [TimeSpan] $Within = [TimeSpan]::FromSeconds(30)
    )

    $start = [Diagnostics.ProcessStartInfo]::new('script')
    '-qfec', "stty cols 80 rows 24; exec pwsh -NoProfile -File '$ScriptPath'", '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $start.Environment['TERM'] = 'xterm'
    $process = [Diagnostics.Process]::Start($start)
    try {
        $keyboard = $process.StandardInput.BaseStream
        $screen = $process.StandardOutput.BaseStream
        $press = { param($keys) $keyboard.Write([Text.Encoding]::ASCII.GetBytes($keys)); $keyboard.Flush() }
        $deadline = [DateTime]::UtcNow.AddMinutes(1)
        $shown = [Text.StringBuilder]::new()
        $buffer = [byte[]]::new(4096)
        ($answered, $asked, $pressed) = 0, 0, $false
        while ($true) {
            $reading = $screen.ReadAsync($buffer, 0, $buffer.Length)
            $left = $deadline - [DateTime]::UtcNow
            if ($left -le [TimeSpan]::Zero -or -not $reading.Wait($left) -or $reading.Result -eq 0) { break }
            $null = $shown.Append([Text.Encoding]::Latin1.GetString($buffer, 0, $reading.Result))
            $text = $shown.ToString()
            while (($at = $text.IndexOf("`e[6n", $answered, [StringComparison]::Ordinal)) -ge 0) {
                $answered = $at + 4
                $asked += $text.IndexOf($After, 0, $at, [StringComparison]::Ordinal) -ge 0 ? 1 : 0
                if ($asked -eq 2 -and -not $pressed) {
                    $pressed = $true
                    $deadline = [DateTime]::UtcNow + $Within
                    & $press "`u{3}"
                }
                else {
                    & $press "`e[1;1R"
                }
            }
        }

        [pscustomobject]@{ Shown = $shown.ToString(); Pressed = $pressed; Ended = $process.WaitForExit(1000) }
    }
    finally {
        if (-not $process.HasExited) { $process.Kill($true) }
        $process.Dispose()
    }
}
