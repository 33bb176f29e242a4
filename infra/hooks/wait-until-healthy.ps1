# See wait-until-healthy.sh for explanations.
$ErrorActionPreference = 'Stop'

if (-not $env:SYNC_API) { throw 'SYNC_API is not set: it is an output of the deployment, and azd sets it.' }

foreach ($try in 1..40) {
    try {
        Invoke-WebRequest -Uri "$env:SYNC_API/health" -TimeoutSec 20 | Out-Null
        Write-Host "$env:SYNC_API/health: 200"
        exit 0
    }
    catch {
        Start-Sleep -Seconds 15
    }
}

throw "$env:SYNC_API/health does not answer 200 after ten minutes. docs/operations.md, 'After a deployment', says where to look."
