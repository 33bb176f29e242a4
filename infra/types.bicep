// What the modules and the parameter files have in common. A value outside these types fails at `bicep build-params`.

@export()
@description('Tags of every resource.')
type Tags = {
  @description('Which environment of azd made the resource; azd finds its resource group by it.')
  'azd-env-name': string

  *: string
}

@export()
@sealed()
@description('Names of all resources. They are made once, in main.bicep, so that what-if and snapshots see real names.')
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
@description('The Web PubSub resource: its tier and how many units of 1,000 connections it has.')
type WebPubSubPlan = FreeWebPubSub | StandardWebPubSub | PremiumWebPubSub

@description('20 connections and 20,000 messages a day: for trying out.')
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

@description('What the service sells: one by one up to ten, then by tens.')
type Units = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 20 | 30 | 40 | 50 | 60 | 70 | 80 | 90 | 100

@export()
@discriminator('zones')
@description('How much may fail: one machine, or one data centre of the region.')
type Resilience = OneZone | AllZones

type OneZone = {
  zones: 'one'

  @description('Instances that are always warm, each priced by the hour. From zero, the first event waits for a cold start, and a client that waits too long loses its connection.')
  @minValue(0)
  @maxValue(20)
  alwaysReady: int

  @description('Copies of the tables: three in one data centre, or three more in the paired region.')
  storage: 'Standard_LRS' | 'Standard_GRS'
}

type AllZones = {
  zones: 'all'

  @description('Instances that are always warm. The platform spreads them over the zones only from two on.')
  @minValue(2)
  @maxValue(20)
  alwaysReady: int

  @description('Copies of the tables: one in each of three zones, or three more in the paired region.')
  storage: 'Standard_ZRS' | 'Standard_GZRS'
}

@export()
@sealed()
@description('The OpenID Connect provider whose tokens people trade for a connection at /api/negotiate.')
type TokenProvider = {
  @description('The issuer as it stands in the tokens, https://…; its keys are found below /.well-known/openid-configuration.')
  @minLength(12)
  @maxLength(400)
  issuer: string

  @description('What the tokens must be for.')
  @minLength(1)
  @maxLength(200)
  audience: string

  @description('The claim that names the person. Where names can be chosen or given to somebody else later, take oid or sub.')
  @minLength(1)
  @maxLength(100)
  nameClaim: string
}

@export()
@sealed()
@description('Addresses that may call the site; docs/security.md says when to name them.')
type InboundRule = {
  @minLength(1)
  @maxLength(32)
  name: string

  @description('What `from` is: addresses such as 203.0.113.0/24, or a service tag such as AzureWebPubSub or AzureFrontDoor.Backend.')
  tag: 'Default' | 'ServiceTag'

  @minLength(3)
  @maxLength(100)
  from: string
}

@export()
@sealed()
@description('When somebody is told.')
type AlertThresholds = {
  @description('Seconds from commit to publish, the longest in five minutes. A lease is taken over after 5 s, so less would report what heals itself.')
  @minValue(6)
  @maxValue(3600)
  publishLagSeconds: int

  @description('Connections that the service closed in five minutes because our event handler failed.')
  @minValue(0)
  @maxValue(100000)
  failedEvents: int

  @description('Part of the paid connections that is in use.')
  @minValue(10)
  @maxValue(99)
  connectionQuotaPercent: int

  @description('Billed messages in 24 hours, of 2 KB each, those to the event handler among them.')
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
