import type { Clock } from '../../clock.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { IncidentStore } from '../incidents/incident-store.ts';
import type { SendingStage } from '../messages/message.ts';
import type { AlertRules } from '../rules/settings.ts';
import type { NamePorts } from './find-names.ts';
import type { Notifier } from './notifier.ts';

/** What delivering alerts takes. */
export interface DeliveryPorts extends SendingStage, NamePorts {
  incidents: IncidentStore;
  notifiers: readonly Notifier[];
  rules: AlertRules;
  clock: Clock;
  metrics: Metrics;
}
