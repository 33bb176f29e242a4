// A production environment of one region: a warm instance, alerts, a lock on the data. See docs/operations.md for zones.
// az deployment sub create --location westeurope --parameters infra/prod.bicepparam
using 'main.bicep'

param environmentName = 'prod'
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param eventHandlerAudience = readEnvironmentVariable('SYNC_EVENT_AUDIENCE')
param webPubSub = { sku: 'Standard_S1', units: 1 }
param resilience = { zones: 'one', alwaysReady: 1, storage: 'Standard_GRS' }
param allowedOrigins = split(readEnvironmentVariable('SYNC_ALLOWED_ORIGINS'), ',')
param tokenProvider = {
  issuer: readEnvironmentVariable('SYNC_TOKEN_ISSUER')
  audience: readEnvironmentVariable('SYNC_TOKEN_AUDIENCE')
  // An opaque id and no name: docs/operations.md, "People's data".
  nameClaim: 'oid'
}
param easyAuth = true
param logRetentionDays = 90
param logDailyQuotaGB = 5
param actionGroups = [readEnvironmentVariable('SYNC_ACTION_GROUP')]
