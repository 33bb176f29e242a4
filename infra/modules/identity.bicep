import { Names, Tags } from '../types.bicep'

param names Names
param location string
param tags Tags

// Of its own and not the site's, so that its roles are there before the site is.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: names.identity
  location: location
  tags: tags
}
