#!/bin/sh
# Registers the application that is the audience of Web PubSub's tokens. Bicep alone cannot create it, because that requires
# Microsoft Graph. It holds no secret, no permission and no redirect address; it is only a name that Entra writes into tokens.
# Idempotent. Needs `az login` and the right to register applications in the tenant.
set -eu

: "${AZURE_ENV_NAME:?azd sets it; by hand: the name of the environment}"

if [ -n "${SYNC_EVENT_AUDIENCE:-}" ]; then
    echo "App registration of the event handler: $SYNC_EVENT_AUDIENCE (SYNC_EVENT_AUDIENCE)"
    exit 0
fi

if ! command -v az >/dev/null 2>&1; then
    echo 'The Azure CLI (az) was not found. Install it and run `az login`, or have an administrator register an application and run' >&2
    echo '  azd env set SYNC_EVENT_AUDIENCE <its application (client) id>' >&2
    exit 1
fi

name="serverless-sync-events-$AZURE_ENV_NAME"
id=$(az ad app list --filter "displayName eq '$name'" --query '[0].appId' --output tsv)
if [ -z "$id" ]; then
    id=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId --output tsv)
    echo "Registered the application $name: $id"
fi

az ad app update --id "$id" --identifier-uris "api://$id"

# Entra issues tokens for an application only in tenants where it also has a service principal (AADSTS500011 otherwise).
if ! az ad sp show --id "$id" --output none 2>/dev/null; then
    az ad sp create --id "$id" --output none
fi

azd env set SYNC_EVENT_AUDIENCE "$id"
echo "App registration of the event handler: $id ($name)"
