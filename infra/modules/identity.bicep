import { Names, Tags } from '../types.bicep'

param names Names
param location string
param tags Tags

// Separate from the site, so that its roles exist before the site does.
resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: names.identity
  location: location
  tags: tags
}
