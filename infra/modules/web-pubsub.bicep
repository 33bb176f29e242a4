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
  // A resource can have only one identity. System-assigned, so that nothing else can hold it: its holder can act as any user.
  identity: { type: 'SystemAssigned' }
  properties: {
    // No access keys: client tokens and data plane calls always require a role.
    disableLocalAuth: true
    disableAadAuth: false
    // Browsers connect from all networks.
    publicNetworkAccess: 'Enabled'
    tls: { clientCertEnabled: false }
    // Live trace reveals the content of messages and is billed as messages.
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

// The reasons for closed connections, which clients never receive.
// The newest version that sends categories to a workspace; the one without 'preview' is from 2016.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: service
  name: 'connectivity'
  properties: {
    workspaceId: workspace.id
    logs: [{ category: 'ConnectivityLogs', enabled: true }]
  }
}
