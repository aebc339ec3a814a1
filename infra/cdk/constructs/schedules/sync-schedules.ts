import { Duration } from 'aws-cdk-lib';
import type { Resource } from '../../../../shared/resources/resource.ts';
import { mirroredResources, type ResourceSettings, type StageSettings } from '../../settings/stages.ts';
import type { Schedules } from './schedules.ts';

/** The schedules of a stage. */
export function addSyncSchedules(schedules: Schedules, settings: StageSettings): void {
  schedules.add({
    name: 'tick',
    expression: 'rate(1 minute)',
    event: { trigger: 'tick' },
    // The next one makes up for it.
    maximumAge: Duration.minutes(1),
  });
  if (settings.autodesk.authorization === 'user') {
    schedules.add({
      name: 'keep-alive',
      expression: 'cron(0 12 * * ? *)',
      event: { trigger: 'keep-alive' },
      maximumAge: Duration.hours(12),
    });
  }
  schedules.add({
    name: 'purge',
    expression: 'cron(0 13 * * ? *)',
    event: { trigger: 'purge' },
    maximumAge: Duration.hours(12),
  });
  for (const { resource, schedule } of mirroredResources(settings)) {
    // Lists with parents follow the runs of these.
    if (resource.parent !== undefined) continue;
    if (!resource.daily) addIncremental(schedules, resource, schedule);
    addFullSweeps(schedules, resource, schedule);
  }
}

function addIncremental(schedules: Schedules, resource: Resource, schedule: ResourceSettings): void {
  const minutes = schedule.incrementalMinutes;
  schedules.add({
    name: `incremental-${resource.name}`,
    expression: `rate(${minutes} minutes)`,
    event: { trigger: 'sync', mode: 'incremental', resources: [resource.name] },
    maximumAge: Duration.minutes(minutes),
  });
}

/** Daily. Where a sweep goes by windows of `updatedAt`, Sunday's does not, to test that this misses nothing. */
function addFullSweeps(schedules: Schedules, resource: Resource, schedule: ResourceSettings): void {
  const [hour, minute] = schedule.fullSweepAt.split(':').map(Number);
  const goesByWindows = resource.changes.kind === 'updated-at-filter' && !resource.updatedAtMayBeNull;
  schedules.add({
    name: `full-${resource.name}`,
    expression: `cron(${minute} ${hour} ? * ${goesByWindows ? 'MON-SAT' : '*'} *)`,
    event: { trigger: 'sync', mode: 'full', resources: [resource.name] },
    maximumAge: Duration.hours(6),
  });
  if (!goesByWindows) return;
  schedules.add({
    name: `unfiltered-${resource.name}`,
    expression: `cron(${minute} ${hour} ? * SUN *)`,
    event: { trigger: 'sync', mode: 'full', resources: [resource.name], unfiltered: true },
    maximumAge: Duration.hours(6),
  });
}
