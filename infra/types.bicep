// Types shared by the modules and the parameter files. A value outside these types fails in `bicep build-params`.

@export()
@description('Tags of every resource.')
type Tags = {
  @description('The azd environment that created the resource; azd finds its resource group by it.')
  'azd-env-name': string

  *: string
}

@export()
@sealed()
@description('Names of all resources. They are composed once, in main.bicep, so that what-if and snapshots show real names.')
type Names = {
  resourceGroup: string

  @minLength(3)
  @maxLength(24)
  storageAccount: string

  @minLength(3)
  @maxLength(63)
  webPubSub: string

  functionApp: string
  plan: string
  identity: string
  workspace: string

  @minLength(3)
  @maxLength(24)
  archiveAccount: string

  applicationInsights: string
}

@export()
@discriminator('sku')
@description('The Web PubSub resource: its tier and its units of 1,000 connections.')
type WebPubSubPlan = FreeWebPubSub | StandardWebPubSub | PremiumWebPubSub

@description('20 connections and 20,000 messages a day: for trials.')
type FreeWebPubSub = {
  sku: 'Free_F1'
  units: 1
}

type StandardWebPubSub = {
  sku: 'Standard_S1'
  units: Units
}

@description('Adds availability zones, custom domains and replicas.')
type PremiumWebPubSub = {
  sku: 'Premium_P1'
  units: Units
}

@description('The available sizes: single units up to ten, then in tens.')
type Units = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 20 | 30 | 40 | 50 | 60 | 70 | 80 | 90 | 100

@export()
@discriminator('zones')
@description('What may fail without an outage: one machine, or one data centre of the region.')
type Resilience = OneZone | AllZones

type OneZone = {
  zones: 'one'

  @description('Instances that are always warm, each billed by the hour. With zero, the first event waits for a cold start, and a client that waits too long loses its connection.')
  @minValue(0)
  @maxValue(20)
  alwaysReady: int

  @description('Copies of the tables: three in one data centre, or three more in the paired region.')
  storage: 'Standard_LRS' | 'Standard_GRS'
}

type AllZones = {
  zones: 'all'

  @description('Instances that are always warm. The platform spreads them over the zones only if there are at least two.')
  @minValue(2)
  @maxValue(20)
  alwaysReady: int

  @description('Copies of the tables: one in each of three zones, or three more in the paired region.')
  storage: 'Standard_ZRS' | 'Standard_GZRS'
}

@export()
@sealed()
@description('The OpenID Connect provider whose tokens users exchange for a connection at /api/negotiate.')
type TokenProvider = {
  @description('The issuer exactly as in the tokens, https://…; its keys are published below /.well-known/openid-configuration.')
  @minLength(12)
  @maxLength(400)
  issuer: string

  @description('The audience of the tokens.')
  @minLength(1)
  @maxLength(200)
  audience: string

  @description('The claim that names the user. Where names can be chosen or reassigned, use oid or sub.')
  @minLength(1)
  @maxLength(100)
  nameClaim: string
}

@export()
@sealed()
@description('Addresses that may call the site; docs/security.md explains when to restrict them.')
type InboundRule = {
  @minLength(1)
  @maxLength(32)
  name: string

  @description('The kind of `from`: addresses such as 203.0.113.0/24, or a service tag such as AzureWebPubSub or AzureFrontDoor.Backend.')
  tag: 'Default' | 'ServiceTag'

  @minLength(3)
  @maxLength(100)
  from: string
}

@export()
@sealed()
@description('Thresholds of the alerts.')
type AlertThresholds = {
  @description('Seconds from commit to publish, the maximum over five minutes. A lease is taken over after 5 s, so a lower value would report delays that resolve themselves.')
  @minValue(6)
  @maxValue(3600)
  publishLagSeconds: int

  @description('Connections that the service closed in five minutes because our event handler failed.')
  @minValue(0)
  @maxValue(100000)
  failedEvents: int

  @description('Share of the paid connections that is in use.')
  @minValue(10)
  @maxValue(99)
  connectionQuotaPercent: int

  @description('Billed messages of 2 KB in 24 hours, including those to the event handler.')
  @minValue(1000)
  @maxValue(1000000000)
  messagesPerDay: int
}

@export()
@sealed()
@description('Archives of all projects in a storage account of their own; docs/operations.md says how they are made and restored.')
type ArchivePlan = {
  @description('Copies of the archives.')
  storage: 'Standard_LRS' | 'Standard_GRS' | 'Standard_ZRS' | 'Standard_GZRS'

  @description('Hours from one round through all projects to the next.')
  @minValue(1)
  @maxValue(744)
  intervalHours: int

  @description('Days for which an archive is kept.')
  @minValue(1)
  @maxValue(36500)
  keepDays: int

  @description('The newest archives of a project that stay, whatever their age.')
  @minValue(1)
  @maxValue(1000)
  keepCount: int
}
