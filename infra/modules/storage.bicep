import { Names, Tags } from '../types.bicep'

param names Names
param location string
param tags Tags
param sku 'Standard_LRS' | 'Standard_GRS' | 'Standard_ZRS' | 'Standard_GZRS'
param lock bool

// See TableName in functions/Core: in Azure the app does not create tables.
var tables = ['data', 'projects', 'users', 'presence', 'due']

resource account 'Microsoft.Storage/storageAccounts@2026-06-01' = {
  name: names.storageAccount
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Reachable from all networks, but only with a role: Flex Consumption has no fixed addresses to allow.
    publicNetworkAccess: 'Enabled'
    networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices' }
  }

  resource tableService 'tableServices' = {
    name: 'default'

    resource table 'tables' = [
      for name in tables: {
        name: name
      }
    ]
  }

  resource blobService 'blobServices' = {
    name: 'default'
    properties: {
      // Code packages; a week suffices to roll back.
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    // Flex Consumption does not create its container, and rejects a site without one.
    resource deployments 'containers' = {
      name: 'deployments'
      properties: { publicAccess: 'None' }
    }
  }
}

// Tables have no soft delete: a deleted account cannot be recovered.
resource keep 'Microsoft.Authorization/locks@2020-05-01' = if (lock) {
  scope: account
  name: 'keep-projects'
  properties: {
    level: 'CanNotDelete'
    notes: 'All projects are in the tables of this account.'
  }
}
