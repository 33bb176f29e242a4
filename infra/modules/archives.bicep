import { ArchivePlan, Names, Tags } from '../types.bicep'

param names Names
param location string
param tags Tags
param plan ArchivePlan
param lock bool

// Storage Blob Data Contributor, the same in every tenant: writes, lists and removes archives.
var role = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: names.identity
}

// Apart from the tables, so that what takes those away leaves the archives.
resource account 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: names.archiveAccount
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: plan.storage }
  properties: {
    // Written once and hardly ever read.
    accessTier: 'Cool'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // As the account of the tables: open to the network and to nobody without a role.
    publicNetworkAccess: 'Enabled'
    networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices' }
  }

  resource blobService 'blobServices' = {
    name: 'default'
    properties: {
      // Whoever takes over the app can remove archives, and not what is kept here of them.
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource container 'containers' = {
      name: 'archives'
      properties: { publicAccess: 'None' }
    }
  }
}

resource contributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::blobService::container
  name: guid(account::blobService::container.id, identity.id, role)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (lock) {
  scope: account
  name: 'keep-archives'
  properties: {
    level: 'CanNotDelete'
    notes: 'The archives of all projects are in the container of this account.'
  }
}
