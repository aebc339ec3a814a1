/**
 * The metrics this project publishes, each with what it counts. Alarms and the dashboard use these names.
 * All in the namespace `BuildingConnectedSync`.
 */
export const METRICS = {
  RecordsFetched: 'records read from Autodesk, by resource',
  RecordsWritten: 'records created, updated or marked deleted, by resource',
  RecordsQuarantined: 'records that were quarantined, by resource',
  RunsCompleted: 'runs that ended complete, by resource',
  RunsFailed: 'runs that ended failed, by resource',
  FreshnessSeconds: 'seconds since the start of the last complete run, by resource',
  ApiCalls: 'requests sent to Autodesk, by API',
  ApiThrottled: '429 responses, by API',
  TokenRefreshes: 'refresh tokens exchanged',
  TokenDaysLeft: 'days until the refresh token expires',
  CallbacksAccepted: 'callbacks recorded',
  CallbacksRefused: 'callbacks answered with 4xx',
  WebhooksAccepted: 'events of webhooks that had a record read',
  WebhooksMissigned: 'events of webhooks with a signature of none of our secrets',
  WebhooksRefused: 'requests to the webhook endpoint answered with 4xx',
  AlertsDelivered: 'messages delivered or brought up to date, by channel',
  AlertDeliveryFailures: 'messages a channel refused, by channel',
  ClicksAccepted: 'clicks in Slack that were taken',
  ClicksRefused: 'clicks in Slack answered with 4xx',
  IncidentsOpen: 'incidents open after an evaluation',
  MessagesParked: 'messages that could not be read',
} as const;

export type MetricName = keyof typeof METRICS;

/** Metrics as the cores see them. Units: seconds and days where the name says so, else a count. */
export interface Metrics {
  add(name: MetricName, value: number, dimensions?: Record<string, string>): void;
}

export const noMetrics: Metrics = { add: () => {} };
