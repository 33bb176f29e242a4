import { AlertThresholds, Names, Tags } from '../types.bicep'

param names Names
param location string
param tags Tags
param thresholds AlertThresholds
param actionGroups string[]

resource service 'Microsoft.SignalRService/webPubSub@2024-03-01' existing = {
  name: names.webPubSub
}

resource account 'Microsoft.Storage/storageAccounts@2026-06-01' existing = {
  name: names.storageAccount

  resource tables 'tableServices' existing = {
    name: 'default'
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' existing = {
  name: names.workspace
}

type MetricAlert = {
  name: string
  description: string
  severity: 0 | 1 | 2 | 3 | 4
  scope: string
  namespace: string
  metric: string
  aggregation: 'Average' | 'Maximum' | 'Total'
  threshold: int
  window: 'PT5M' | 'PT15M' | 'P1D'
  every: 'PT1M' | 'PT5M' | 'PT1H'
  dimension: { name: string, values: string[] }?
}

// Alerts on platform metrics, which work even when the app does not. docs/operations.md describes each by its name.
var metricAlerts MetricAlert[] = [
  {
    name: 'failed-events'
    description: 'Web PubSub closed connections because the event handler failed or was not found.'
    severity: 1
    scope: service.id
    namespace: 'Microsoft.SignalRService/WebPubSub'
    metric: 'ConnectionCloseCount'
    aggregation: 'Total'
    threshold: thresholds.failedEvents
    window: 'PT5M'
    every: 'PT1M'
    dimension: { name: 'ConnectionCloseCategory', values: ['SendEventFailed', 'EventHandlerNotFound'] }
  }
  {
    name: 'service-throttling'
    description: 'Web PubSub closed connections because the resource is too small, or clients read too slowly.'
    severity: 2
    scope: service.id
    namespace: 'Microsoft.SignalRService/WebPubSub'
    metric: 'ConnectionCloseCount'
    aggregation: 'Total'
    threshold: 0
    window: 'PT5M'
    every: 'PT1M'
    dimension: { name: 'ConnectionCloseCategory', values: ['Throttled', 'SlowClient'] }
  }
  {
    name: 'connection-quota'
    description: 'Nearly all paid connections are in use; beyond them clients are refused.'
    severity: 2
    scope: service.id
    namespace: 'Microsoft.SignalRService/WebPubSub'
    metric: 'ConnectionQuotaUtilization'
    aggregation: 'Maximum'
    threshold: thresholds.connectionQuotaPercent
    window: 'PT5M'
    every: 'PT1M'
  }
  {
    name: 'service-load'
    description: 'Web PubSub is busy enough to become slow.'
    severity: 3
    scope: service.id
    namespace: 'Microsoft.SignalRService/WebPubSub'
    metric: 'ServerLoad'
    aggregation: 'Average'
    threshold: 70
    window: 'PT15M'
    every: 'PT5M'
  }
  {
    name: 'message-quota'
    description: 'Outbound traffic of a day, which is what is billed, nears what was planned for.'
    severity: 3
    scope: service.id
    namespace: 'Microsoft.SignalRService/WebPubSub'
    metric: 'OutboundTraffic'
    aggregation: 'Total'
    threshold: thresholds.messagesPerDay * 2048
    window: 'P1D'
    every: 'PT1H'
  }
  {
    name: 'storage-throttling'
    description: 'Table Storage refuses requests: one project has more than a partition bears, or all have more than the account.'
    severity: 2
    scope: account::tables.id
    namespace: 'Microsoft.Storage/storageAccounts/tableServices'
    metric: 'Transactions'
    aggregation: 'Total'
    threshold: 10
    window: 'PT5M'
    every: 'PT1M'
    dimension: {
      name: 'ResponseType'
      values: [
        'ClientThrottlingError'
        'ClientAccountRequestThrottlingError'
        'ServerBusyError'
        'SuccessWithThrottling'
      ]
    }
  }
]

resource metric 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in metricAlerts: {
    name: 'sync-${alert.name}'
    location: 'global'
    tags: tags
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [alert.scope]
      evaluationFrequency: alert.every
      windowSize: alert.window
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: alert.namespace
            metricName: alert.metric
            timeAggregation: alert.aggregation
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: alert.?dimension == null
              ? []
              : [{ name: alert.dimension!.name, operator: 'Include', values: alert.dimension!.values }]
          }
        ]
      }
      // The ids come from a parameter; the linter rule does not follow the loop.
      #disable-next-line use-resource-id-functions
      actions: [for id in actionGroups: { actionGroupId: id }]
    }
  }
]

type LogAlert = {
  name: string
  description: string
  severity: 0 | 1 | 2 | 3 | 4
  query: string
  column: string?
  aggregation: 'Count' | 'Maximum'
  operator: 'GreaterThan' | 'LessThan'
  threshold: int
  window: 'PT5M' | 'PT15M'
}

// Alerts on our own telemetry.
var logAlerts LogAlert[] = [
  {
    name: 'publish-lag'
    description: 'Accepted changes wait too long before others see them.'
    severity: 1
    query: 'AppMetrics | where Name == "sync.publish.duration" | project TimeGenerated, Max'
    column: 'Max'
    aggregation: 'Maximum'
    operator: 'GreaterThan'
    threshold: thresholds.publishLagSeconds
    window: 'PT5M'
  }
  {
    name: 'event-errors'
    description: 'The event handler answered 5xx; the service repeats such events and then drops the client.'
    severity: 2
    query: 'AppRequests | where Name has "eventhandler" or Url has "/api/eventhandler/" | where toint(ResultCode) >= 500 | project TimeGenerated'
    aggregation: 'Count'
    operator: 'GreaterThan'
    threshold: thresholds.failedEvents
    window: 'PT5M'
  }
  {
    name: 'no-upkeep'
    description: 'The timer that runs every minute has not run for a quarter of an hour: the app does not start, or its host cannot reach storage.'
    severity: 1
    query: 'AppRequests | where Name has "upkeep" and Success == true | project TimeGenerated'
    aggregation: 'Count'
    operator: 'LessThan'
    threshold: 1
    window: 'PT15M'
  }
]

resource log 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in logAlerts: {
    name: 'sync-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'sync-${alert.name}'
      description: alert.description
      severity: alert.severity
      enabled: true
      autoMitigate: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT5M'
      windowSize: alert.window
      // The tables appear with the first telemetry, after this deployment.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: alert.aggregation
            metricMeasureColumn: alert.?column
            operator: alert.operator
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: actionGroups }
    }
  }
]
