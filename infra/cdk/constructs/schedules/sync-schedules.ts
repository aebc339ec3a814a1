import { Duration } from 'aws-cdk-lib';
import { type ScheduleEvent, scheduleEvent } from '../../../../shared/queue/messages.ts';
import type { Resource } from '../../../../shared/resources/resource.ts';
import { mirroredResources, type ResourceSettings, type StageSettings } from '../../settings/stages.ts';
import type { SyncFunction } from '../sync-function.ts';
import type { ScheduleProps, Schedules } from './schedules.ts';

/** Adds a schedule that starts the intake. */
type AddSchedule = (props: Omit<ScheduleProps, 'target'> & { event: ScheduleEvent }) => void;

/** The schedules of a stage that start the intake. */
export function addSyncSchedules(schedules: Schedules, intake: SyncFunction, settings: StageSettings): void {
  const add: AddSchedule = (props) =>
    schedules.add({ ...props, target: intake, event: scheduleEvent.parse(props.event) });
  add({
    name: 'tick',
    expression: 'rate(1 minute)',
    event: { trigger: 'tick' },
    // The next one makes up for it.
    maximumAge: Duration.minutes(1),
  });
  if (settings.autodesk.authorization === 'user') {
    add({
      name: 'keep-alive',
      expression: 'cron(0 12 * * ? *)',
      event: { trigger: 'keep-alive' },
      maximumAge: Duration.hours(12),
    });
  }
  add({
    name: 'purge',
    expression: 'cron(0 13 * * ? *)',
    event: { trigger: 'purge' },
    maximumAge: Duration.hours(12),
  });
  for (const { resource, schedule } of mirroredResources(settings)) {
    // Lists with parents follow the runs of these.
    if (resource.parent !== undefined) continue;
    if (!resource.daily) addIncremental(add, resource, schedule);
    addFullSweeps(add, resource, schedule);
  }
}

function addIncremental(add: AddSchedule, resource: Resource, schedule: ResourceSettings): void {
  const minutes = schedule.incrementalMinutes;
  add({
    name: `incremental-${resource.name}`,
    expression: `rate(${minutes} minutes)`,
    event: { trigger: 'sync', mode: 'incremental', resources: [resource.name] },
    maximumAge: Duration.minutes(minutes),
  });
}

/** Daily. Where a sweep goes by windows of `updatedAt`, Sunday's does not, to test that this misses nothing. */
function addFullSweeps(add: AddSchedule, resource: Resource, schedule: ResourceSettings): void {
  const [hour, minute] = schedule.fullSweepAt.split(':').map(Number);
  const goesByWindows = resource.changes.kind === 'updated-at-filter' && !resource.updatedAtMayBeNull;
  add({
    name: `full-${resource.name}`,
    expression: `cron(${minute} ${hour} ? * ${goesByWindows ? 'MON-SAT' : '*'} *)`,
    event: { trigger: 'sync', mode: 'full', resources: [resource.name] },
    maximumAge: Duration.hours(6),
  });
  if (!goesByWindows) return;
  add({
    name: `unfiltered-${resource.name}`,
    expression: `cron(${minute} ${hour} ? * SUN *)`,
    event: { trigger: 'sync', mode: 'full', resources: [resource.name], unfiltered: true },
    maximumAge: Duration.hours(6),
  });
}
