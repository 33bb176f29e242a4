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
        // The route of the function 'eventhandler'. The service replaces {event}, by 'validate' in its handshake.
        urlTemplate: 'https://${site.properties.defaultHostName}/api/eventhandler/{event}'
        // The only event of clients without a subprotocol. A client that sends another loses its connection without costing a call.
        userEventPattern: 'message'
        systemEvents: ['connect', 'connected', 'disconnected']
        auth: {
          type: 'ManagedIdentity'
          // An empty value would produce a token for Microsoft Graph, which cannot be validated.
          managedIdentity: { resource: eventHandlerAudience }
        }
      }
    ]
  }
}

@description('Address to which clients connect, with a token from negotiate.')
output clientUrl string = 'wss://${service.properties.hostName}/client/hubs/${hub.name}'
