import { ArchivePlan, InboundRule, Names, Resilience, Tags, TokenProvider } from '../types.bicep'

param names Names
param location string
param tags Tags
param resilience Resilience
param instanceMemoryMB int
param maximumInstances int
param updateStrategy 'RollingUpdate' | 'Recreate'
param hubName string
param eventHandlerAudience string
param allowAnonymous bool
param allowedOrigins string[]
param administrators string[]
param tokenProvider TokenProvider?
param easyAuth bool
param inboundRules InboundRule[]
param archives ArchivePlan?

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: names.identity
}

resource account 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: names.storageAccount
}

resource archiveAccount 'Microsoft.Storage/storageAccounts@2026-06-01' existing = if (archives != null) {
  name: names.archiveAccount
}

resource service 'Microsoft.SignalRService/webPubSub@2024-03-01' existing = {
  name: names.webPubSub
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: names.applicationInsights
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: names.plan
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: {
    // Flex Consumption exists only on Linux.
    reserved: true
    zoneRedundant: resilience.zones == 'all'
  }
}

// On this plan runtime, version and package live in functionAppConfig. FUNCTIONS_WORKER_RUNTIME, FUNCTIONS_EXTENSION_VERSION,
// WEBSITE_RUN_FROM_PACKAGE and linuxFxVersion are rejected or ignored, so none of them is set.
var settings = concat(
  [
    // The host's own storage, by identity; the account name finds blobs, queues and tables.
    { name: 'AzureWebJobsStorage__accountName', value: account.name }
    { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
    { name: 'AzureWebJobsStorage__clientId', value: identity.properties.clientId }
    // Its key grants nothing: Application Insights accepts only Entra tokens.
    { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: applicationInsights.properties.ConnectionString }
    {
      name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
      value: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    }
    { name: 'AZURE_CLIENT_ID', value: identity.properties.clientId }
    { name: 'AZURE_TOKEN_CREDENTIALS', value: 'ManagedIdentityCredential' }
    { name: 'Sync__Tables__Endpoint', value: account.properties.primaryEndpoints.table }
    { name: 'Sync__WebPubSub__Endpoint', value: 'https://${service.properties.hostName}' }
    { name: 'Sync__WebPubSub__Hub', value: hubName }
    { name: 'Sync__EventHandler__Tenant', value: subscription().tenantId }
    { name: 'Sync__EventHandler__Audience', value: eventHandlerAudience }
    { name: 'Sync__EventHandler__Caller', value: service.identity.principalId }
    { name: 'Sync__AllowAnonymous', value: allowAnonymous ? 'true' : 'false' }
  ],
  map(range(0, length(allowedOrigins)), index => {
    name: 'Sync__AllowedOrigins__${index}'
    value: allowedOrigins[index]
  }),
  map(range(0, length(administrators)), index => {
    name: 'Sync__Administrators__${index}'
    value: administrators[index]
  }),
  tokenProvider == null
    ? []
    : [
        { name: 'Sync__Negotiate__Issuer', value: tokenProvider!.issuer }
        { name: 'Sync__Negotiate__Audience', value: tokenProvider!.audience }
        { name: 'Sync__Negotiate__NameClaim', value: tokenProvider!.nameClaim }
      ],
  archives == null
    ? []
    : [
        { name: 'Sync__Archives__Endpoint', value: archiveAccount!.properties.primaryEndpoints.blob }
        { name: 'Sync__Archives__Container', value: 'archives' }
        { name: 'Sync__Archives__IntervalHours', value: string(archives!.intervalHours) }
        { name: 'Sync__Archives__KeepDays', value: string(archives!.keepDays) }
        { name: 'Sync__Archives__KeepCount', value: string(archives!.keepCount) }
      ]
)

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: names.functionApp
  location: location
  tags: union(tags, { 'azd-service-name': 'sync' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Affinity would pin a connection to an instance by cookie. That is unnecessary, and would keep it on an instance that shuts down.
    clientAffinityEnabled: false
    // Web PubSub calls from addresses that we cannot list, and browsers call negotiate. See docs/security.md.
    publicNetworkAccess: 'Enabled'
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}deployments'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        // 'http' is the group of all HTTP functions. For zero the entry must be absent.
        alwaysReady: resilience.alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: resilience.alwaysReady }]
        // As in host.json. The platform's default of 16 would start an instance for every 16 concurrent events. Each further
        // instance with the same project costs extra commits, whereas concurrent events on one instance share a transaction.
        triggers: { http: { perInstanceConcurrency: 100 } }
      }
      // In the API since 2024-11-01 (azure-functions, flex-consumption-site-updates), but not yet in Bicep's types.
      #disable-next-line BCP037
      siteUpdateStrategy: { type: updateStrategy }
    }
    // Part of the site instead of a later resource, so that code never starts without its settings.
    siteConfig: {
      appSettings: settings
      // Empty instead of absent, which would keep the list of an earlier deployment: with any entry the platform answers
      // preflights itself, and the app answers for the pages in Sync__AllowedOrigins.
      cors: { allowedOrigins: [], supportCredentials: false }
      // Any rule closes the site to all addresses that no rule names; without rules it is open to all.
      ipSecurityRestrictionsDefaultAction: empty(inboundRules) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: map(range(0, length(inboundRules)), index => {
        name: inboundRules[index].name
        action: 'Allow'
        priority: 100 + index
        tag: inboundRules[index].tag
        ipAddress: inboundRules[index].from
      })
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }

  // Code is published with an Entra token, so there is no publishing password to guess.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource auth 'config' = if (easyAuth) {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'Return401'
        excludedPaths: [
          // The handshake comes without a token (Azure/azure-webpubsub#141); {event} in the route gives it a path of its own.
          '/api/eventhandler/validate'
          '/api/health'
          // These endpoints check tokens of another issuer.
          '/api/negotiate'
          '/api/projects'
          '/api/projects/*'
        ]
      }
      httpSettings: { requireHttps: true }
      login: { tokenStore: { enabled: false } }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            // The GUID, not api://GUID. Version 1 tokens, the default of a new registration, have this issuer.
            clientId: eventHandlerAudience
            openIdIssuer: 'https://sts.windows.net/${subscription().tenantId}/'
          }
          validation: {
            allowedAudiences: [eventHandlerAudience, 'api://${eventHandlerAudience}']
            defaultAuthorizationPolicy: {
              allowedPrincipals: { identities: [service.identity.principalId] }
            }
          }
        }
      }
    }
  }
}

@description('Address of the HTTP API. Host names of new sites have a random part, so it is read from the site instead of composed.')
output api string = 'https://${site.properties.defaultHostName}/api'
