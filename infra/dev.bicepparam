// The cheapest working environment: scales to zero, so the first edit after a pause waits for a cold start.
// az deployment sub create --location westeurope --parameters infra/dev.bicepparam
using 'main.bicep'

param environmentName = 'dev'
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param eventHandlerAudience = readEnvironmentVariable('SYNC_EVENT_AUDIENCE')
param webPubSub = { sku: 'Free_F1', units: 1 }
param resilience = { zones: 'one', alwaysReady: 0, storage: 'Standard_LRS' }
param updateStrategy = 'Recreate'
// The demo page of functions/Local, and the ports at which the usual development servers run a developer's own page.
param allowedOrigins = [
  'http://127.0.0.1:7071'
  'http://localhost:3000'
  'http://localhost:4200'
  'http://localhost:5173'
  'http://localhost:8080'
]
param lockData = false
param alerts = false
