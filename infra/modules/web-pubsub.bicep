import { Names, Tags, WebPubSubPlan } from '../types.bicep'

param names Names
param location string
param tags Tags
param plan WebPubSubPlan

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: names.workspace
}

resource service 'Microsoft.SignalRService/webPubSub@2024-03-01' = {
  name: names.webPubSub
  location: location
  tags: tags
  kind: 'WebPubSub'
  sku: { name: plan.sku, capacity: plan.units }
  // A resource takes one identity only. Its own, since nothing else can be given it: whoever holds it can speak for every user.
  identity: { type: 'SystemAssigned' }
  properties: {
    // No access key: nobody can sign client tokens or data plane calls without a role.
    disableLocalAuth: true
    disableAadAuth: false
    // Browsers come from everywhere.
    publicNetworkAccess: 'Enabled'
    tls: { clientCertEnabled: false }
    // Live trace shows the content of messages, and is billed as messages.
    liveTraceConfiguration: { enabled: 'false' }
    resourceLogConfiguration: {
      categories: [
        { name: 'ConnectivityLogs', enabled: 'true' }
        { name: 'MessagingLogs', enabled: 'false' }
        { name: 'HttpRequestLogs', enabled: 'false' }
      ]
    }
  }
}

// Why connections were closed, which clients never hear.
// The newest version that sends to a workspace by category; the one without 'preview' is of 2016.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: service
  name: 'connectivity'
  properties: {
    workspaceId: workspace.id
    logs: [{ category: 'ConnectivityLogs', enabled: true }]
  }
}
