// What azd deploys: `azd env set NAME VALUE` sets each of these, and a value that does not fit stops `azd provision` before
// anything is changed. Defaults are those of a small production environment.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

// Set by infra/hooks/app-registration before azd comes here. Without it there is no deployment: the app would not start either.
param eventHandlerAudience = readEnvironmentVariable('SYNC_EVENT_AUDIENCE')

var sku = readEnvironmentVariable('SYNC_WEB_PUBSUB_SKU', 'Standard_S1')
var unitsText = readEnvironmentVariable('SYNC_WEB_PUBSUB_UNITS', '1')
var unitsSold = {
  '1': 1
  '2': 2
  '3': 3
  '4': 4
  '5': 5
  '6': 6
  '7': 7
  '8': 8
  '9': 9
  '10': 10
  '20': 20
  '30': 30
  '40': 40
  '50': 50
  '60': 60
  '70': 70
  '80': 80
  '90': 90
  '100': 100
}
param webPubSub = sku == 'Free_F1'
  ? { sku: 'Free_F1', units: unitsText == '1' ? 1 : fail('SYNC_WEB_PUBSUB_UNITS: Free_F1 has one unit.') }
  : { sku: sku, units: unitsSold[unitsText] }

// The compiler checks ranges of numbers that are written down; those from the environment are checked here.
var zones = readEnvironmentVariable('SYNC_ZONES', 'one')
var alwaysReady = int(readEnvironmentVariable('SYNC_ALWAYS_READY', zones == 'all' ? '2' : '1'))
param resilience = alwaysReady < (zones == 'all' ? 2 : 0) || alwaysReady > 20
  ? fail('SYNC_ALWAYS_READY: 0 to 20, and at least 2 with SYNC_ZONES=all.')
  : zones == 'all'
      ? { zones: 'all', alwaysReady: alwaysReady, storage: readEnvironmentVariable('SYNC_STORAGE_SKU', 'Standard_ZRS') }
      : { zones: zones, alwaysReady: alwaysReady, storage: readEnvironmentVariable('SYNC_STORAGE_SKU', 'Standard_LRS') }

param updateStrategy = readEnvironmentVariable('SYNC_UPDATE_STRATEGY', 'RollingUpdate')
param allowAnonymous = bool(readEnvironmentVariable('SYNC_ALLOW_ANONYMOUS', 'false'))

// Separated by commas.
var originsText = readEnvironmentVariable('SYNC_ALLOWED_ORIGINS', '')
var origins = empty(originsText) ? [] : split(originsText, ',')
param allowedOrigins = empty(filter(origins, origin => !startsWith(origin, 'https://') || endsWith(origin, '/')))
  ? origins
  : fail('SYNC_ALLOWED_ORIGINS: https://host[:port] without a slash at the end, separated by commas.')

var administratorsText = readEnvironmentVariable('SYNC_ADMINISTRATORS', '')
param administrators = empty(administratorsText) ? [] : split(administratorsText, ',')

var issuer = readEnvironmentVariable('SYNC_TOKEN_ISSUER', '')
param tokenProvider = empty(issuer)
  ? null
  : {
      issuer: issuer
      audience: readEnvironmentVariable('SYNC_TOKEN_AUDIENCE', '')
      nameClaim: readEnvironmentVariable('SYNC_TOKEN_NAME_CLAIM', 'preferred_username')
    }

param easyAuth = bool(readEnvironmentVariable('SYNC_EASY_AUTH', 'false'))
// A service tag and address ranges, separated by commas: AzureWebPubSub,203.0.113.0/24
var inboundText = readEnvironmentVariable('SYNC_INBOUND', '')
var inbound = empty(inboundText) ? [] : split(inboundText, ',')
param inboundRules = map(range(0, length(inbound)), index => {
  name: 'inbound-${index}'
  tag: contains(inbound[index], '/') ? 'Default' : 'ServiceTag'
  from: inbound[index]
})
param lockData = bool(readEnvironmentVariable('SYNC_LOCK_DATA', 'true'))

// The compiler does not check numbers from the environment against their ranges.
var archiveHours = int(readEnvironmentVariable('SYNC_ARCHIVE_HOURS', '24'))
var archiveDays = int(readEnvironmentVariable('SYNC_ARCHIVE_DAYS', '30'))
var archiveCount = int(readEnvironmentVariable('SYNC_ARCHIVE_COUNT', '3'))
param archives = archiveHours < 1 || archiveHours > 744
  ? fail('SYNC_ARCHIVE_HOURS: 1 to 744.')
  : archiveDays < 1 || archiveDays > 36500
      ? fail('SYNC_ARCHIVE_DAYS: 1 to 36500.')
      : archiveCount < 1 || archiveCount > 1000
          ? fail('SYNC_ARCHIVE_COUNT: 1 to 1000.')
          : !bool(readEnvironmentVariable('SYNC_ARCHIVES', 'false'))
              ? null
              : {
                  storage: readEnvironmentVariable('SYNC_ARCHIVE_SKU', zones == 'all' ? 'Standard_ZRS' : 'Standard_LRS')
                  intervalHours: archiveHours
                  keepDays: archiveDays
                  keepCount: archiveCount
                }

param alerts = bool(readEnvironmentVariable('SYNC_ALERTS', 'true'))

var actionGroup = readEnvironmentVariable('SYNC_ACTION_GROUP', '')
param actionGroups = empty(actionGroup) ? [] : [actionGroup]
