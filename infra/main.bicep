// Serverless Sync in Azure, deployed in one phase: nothing needs a key or an address that exists only after the code is deployed.
// docs/operations.md explains how to run it; docs/security.md explains each role and setting.
targetScope = 'subscription'

import { AlertThresholds, ArchivePlan, InboundRule, Names, Resilience, Tags, TokenProvider, WebPubSubPlan } from 'types.bicep'

@description('Name of the environment, such as prod. Part of the names of all resources.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of all resources. It must offer Flex Consumption and Web PubSub.')
@minLength(5)
@maxLength(40)
param location string

@description('Client id (a GUID) of the app registration that represents the event handler. infra/hooks creates it, because Bicep alone cannot: that requires Microsoft Graph.')
@minLength(36)
@maxLength(36)
param eventHandlerAudience string

@description('Tier and size of Web PubSub.')
param webPubSub WebPubSubPlan

@description('Availability: zones, warm instances and copies of the data.')
param resilience Resilience

@description('Memory of an instance in MB. The limits in host.json require at least 2048, so the smallest size is not offered.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Maximum number of instances, and so an upper bound of the cost. The platform accepts no less than 40.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('How new code replaces running instances: one after the other, or all at once.')
@allowed(['RollingUpdate', 'Recreate'])
param updateStrategy string = 'RollingUpdate'

@description('The hub. Web PubSub writes it in lower case.')
@minLength(1)
@maxLength(128)
param hubName string = 'sync'

@description('Admits connections without a token, which can log in under any name. For trials only, never with real plans.')
param allowAnonymous bool = false

@description('Origins of pages that may connect and call the API, as https://host[:port] without a trailing slash. Empty: any page may connect, none may call the API.')
@maxLength(50)
param allowedOrigins string[] = []

@description('Users, by the name claim of their tokens, who may choose the ids of projects; * for all users.')
@maxLength(50)
param administrators string[] = []

@description('The identity provider of users. Without it, no user can negotiate.')
param tokenProvider TokenProvider?

@description('Whether the platform also checks the token of the event handler (Easy Auth), before our code does.')
param easyAuth bool = false

@description('Addresses that may call the site. Empty: all addresses. With only the tag AzureWebPubSub, users cannot reach negotiate and the API.')
@maxLength(20)
param inboundRules InboundRule[] = []

@description('Protects the storage account, and thereby all projects, from accidental deletion. `azd down` then fails until the lock is removed manually.')
param lockData bool = true

@description('Scheduled archives of all projects; omit for none.')
param archives ArchivePlan?

@description('Retention of logs in days. The history of edits is in the projects, not in the logs.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Daily cap of logs in gigabytes, after which none are ingested until the next day; -1 for no cap.')
@minValue(-1)
@maxValue(1000)
param logDailyQuotaGB int = 1

@description('Whether to create the alerts. Alerts on logs incur costs.')
param alerts bool = true

@description('Resource ids of the action groups that alerts notify. Empty: alerts are only shown in the portal.')
@maxLength(5)
param actionGroups string[] = []

@description('Thresholds of the alerts.')
param thresholds AlertThresholds = {
  publishLagSeconds: 15
  failedEvents: 5
  connectionQuotaPercent: 80
  messagesPerDay: webPubSub.sku == 'Free_F1' ? 16000 : 800000 * webPubSub.units
}

@description('Further tags, such as a cost centre.')
param tags { *: string } = {}

var token = uniqueString(subscription().id, environmentName, location)
var allTags Tags = union(tags, { 'azd-env-name': environmentName, application: 'serverless-sync' })
var names Names = {
  resourceGroup: 'rg-sync-${environmentName}'
  storageAccount: 'stsync${token}'
  webPubSub: 'wps-sync-${token}'
  functionApp: 'func-sync-${token}'
  plan: 'plan-sync-${token}'
  identity: 'id-sync-${token}'
  archiveAccount: 'starch${token}'
  workspace: 'log-sync-${token}'
  applicationInsights: 'appi-sync-${token}'
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.resourceGroup
  location: location
  tags: allTags
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    names: names
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    dailyQuotaGB: logDailyQuotaGB
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: { names: names, location: location, tags: allTags, sku: resilience.storage, lock: lockData }
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { names: names, location: location, tags: allTags }
}

module service 'modules/web-pubsub.bicep' = {
  scope: group
  params: { names: names, location: location, tags: allTags, plan: webPubSub }
  dependsOn: [monitoring]
}

// Before the Function App: its host reads storage in its first second, and a new assignment takes minutes to propagate.
module access 'modules/access.bicep' = {
  scope: group
  params: { names: names }
  dependsOn: [identity, monitoring, service, storage]
}

module archive 'modules/archives.bicep' = if (archives != null) {
  scope: group
  params: { names: names, location: location, tags: allTags, plan: archives!, lock: lockData }
  dependsOn: [identity]
}

module functions 'modules/functions.bicep' = {
  scope: group
  params: {
    names: names
    location: location
    tags: allTags
    resilience: resilience
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    updateStrategy: updateStrategy
    hubName: hubName
    eventHandlerAudience: eventHandlerAudience
    allowAnonymous: allowAnonymous
    allowedOrigins: allowedOrigins
    administrators: administrators
    tokenProvider: tokenProvider
    easyAuth: easyAuth
    inboundRules: inboundRules
    archives: archives
  }
  dependsOn: [access, archive]
}

module hub 'modules/hub.bicep' = {
  scope: group
  params: {
    names: names
    hubName: hubName
    eventHandlerAudience: eventHandlerAudience
    allowAnonymous: allowAnonymous
  }
  dependsOn: [functions]
}

module alarms 'modules/alerts.bicep' = if (alerts) {
  scope: group
  params: {
    names: names
    location: location
    tags: allTags
    thresholds: thresholds
    actionGroups: actionGroups
  }
  dependsOn: [functions]
}

output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = names.resourceGroup
output AZURE_TENANT_ID string = subscription().tenantId
output SYNC_FUNCTION_APP string = names.functionApp
output SYNC_STORAGE_ACCOUNT string = names.storageAccount
output SYNC_WEB_PUBSUB string = names.webPubSub
output SYNC_API string = functions.outputs.api
output SYNC_CLIENT_URL string = hub.outputs.clientUrl
