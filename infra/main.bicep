// Serverless Sync in Azure, in one phase: nothing in here needs a key or an address that exists only after code was deployed.
// docs/operations.md says how to run it, docs/security.md what each role and setting is for.
targetScope = 'subscription'

import { AlertThresholds, ArchivePlan, InboundRule, Names, Resilience, Tags, TokenProvider, WebPubSubPlan } from 'types.bicep'

@description('Name of the environment, such as prod. Part of the names of all resources.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of all resources. Flex Consumption and Web PubSub must be offered there.')
@minLength(5)
@maxLength(40)
param location string

@description('Client id (a GUID) of the app registration that stands for the event handler; infra/hooks makes it. Bicep alone cannot: that needs Microsoft Graph.')
@minLength(36)
@maxLength(36)
param eventHandlerAudience string

@description('Tier and size of Web PubSub.')
param webPubSub WebPubSubPlan

@description('Zones, warm instances, copies of the data.')
param resilience Resilience

@description('Memory of an instance. The limits in host.json are made for 2048 or more, so the smallest size is not offered.')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances that the platform may start; what a bill can grow to. 40 is the least that it takes.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('How running instances give way to new code: one after the other, or all at once.')
@allowed(['RollingUpdate', 'Recreate'])
param updateStrategy string = 'RollingUpdate'

@description('The hub. Web PubSub writes it in lower case.')
@minLength(1)
@maxLength(128)
param hubName string = 'sync'

@description('Lets connections without a token in, and those log in under any name. For trying out, never with plans that matter.')
param allowAnonymous bool = false

@description('Pages that may connect and negotiate, as https://host[:port] without a slash at the end. None: any page may connect, none may negotiate.')
@maxLength(50)
param allowedOrigins string[] = []

@description('Users, as the name claim of their tokens names them, who may choose the ids of projects; * is everybody.')
@maxLength(50)
param administrators string[] = []

@description('The identity provider of people; without it nobody can negotiate.')
param tokenProvider TokenProvider?

@description('Also lets the platform check the token of the event handler (Easy Auth), before our code does.')
param easyAuth bool = false

@description('Addresses that may call the site. None: every address. With the tag AzureWebPubSub alone, negotiate and the API are closed to people.')
@maxLength(20)
param inboundRules InboundRule[] = []

@description('Keeps storage account and thereby all projects from being deleted by mistake. `azd down` then fails until the lock is removed by hand.')
param lockData bool = true

@description('Scheduled archives of all projects; none without it.')
param archives ArchivePlan?

@description('Days that logs are kept. What people did is in the projects, not in logs.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Gigabytes of logs a day, after which none are taken until the next day; -1 for no limit.')
@minValue(-1)
@maxValue(1000)
param logDailyQuotaGB int = 1

@description('Makes the alerts. Those on logs are priced.')
param alerts bool = true

@description('Resource ids of the action groups that an alert calls. None: alerts are only shown in the portal.')
@maxLength(5)
param actionGroups string[] = []

@description('When somebody is told.')
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

// Before the Function App: its host reads storage in its first second, and a new assignment takes minutes to be known everywhere.
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
