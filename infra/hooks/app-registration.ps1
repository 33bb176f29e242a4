# See app-registration.sh for explanations.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

if (-not $env:AZURE_ENV_NAME) { throw 'AZURE_ENV_NAME is not set: azd sets it; by hand: the name of the environment.' }

if ($env:SYNC_EVENT_AUDIENCE) {
    Write-Host "App registration of the event handler: $env:SYNC_EVENT_AUDIENCE (SYNC_EVENT_AUDIENCE)"
    exit 0
}

if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
    throw 'The Azure CLI (az) was not found. Install it and run "az login", or have an administrator register an application and run: azd env set SYNC_EVENT_AUDIENCE <its application (client) id>'
}

$name = "serverless-sync-events-$env:AZURE_ENV_NAME"
$id = az ad app list --filter "displayName eq '$name'" --query '[0].appId' --output tsv
if (-not $id) {
    $id = az ad app create --display-name $name --sign-in-audience AzureADMyOrg --query appId --output tsv
    Write-Host "Registered the application ${name}: $id"
}

az ad app update --id $id --identifier-uris "api://$id"

$principal = az ad sp list --filter "appId eq '$id'" --query '[0].id' --output tsv
if (-not $principal) {
    az ad sp create --id $id --output none
}

azd env set SYNC_EVENT_AUDIENCE $id
Write-Host "App registration of the event handler: $id ($name)"
