import { Names } from '../types.bicep'

param names Names
param hubName string
param eventHandlerAudience string
param allowAnonymous bool

resource service 'Microsoft.SignalRService/webPubSub@2024-03-01' existing = {
  name: names.webPubSub
}

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: names.functionApp
}

resource hub 'Microsoft.SignalRService/webPubSub/hubs@2024-03-01' = {
  parent: service
  name: hubName
  properties: {
    anonymousConnectPolicy: allowAnonymous ? 'allow' : 'deny'
    eventHandlers: [
      {
        // The route of the function 'eventhandler'. The service fills {event} in, 'validate' for its handshake.
        urlTemplate: 'https://${site.properties.defaultHostName}/api/eventhandler/{event}'
        // The one event of clients without a subprotocol. Whoever sends another loses the connection, and costs no call.
        userEventPattern: 'message'
        systemEvents: ['connect', 'connected', 'disconnected']
        auth: {
          type: 'ManagedIdentity'
          // Empty would give a token for Microsoft Graph, which cannot be checked.
          managedIdentity: { resource: eventHandlerAudience }
        }
      }
    ]
  }
}

@description('Where clients connect, with the token that negotiate gives them.')
output clientUrl string = 'wss://${service.properties.hostName}/client/hubs/${hub.name}'
