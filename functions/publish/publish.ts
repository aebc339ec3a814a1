import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { StateItem } from '../../shared/dynamodb/state-item.ts';
import { type PublishListsPorts, publishLists } from '../../shared/lake/publish-lists.ts';
import { type PublishingLease, whileLeased } from '../../shared/lake/publishing-lease.ts';
import type { EnabledLists } from '../../shared/sync/runs/resume-stalled.ts';
import { publishEvent } from './publish-event.ts';

export interface PublishFunctionPorts extends Omit<PublishListsPorts, 'timeLeftMs'> {
  lists: EnabledLists;
  lease: StateItem<PublishingLease>;
}

/** Left of the function's time when it gives up a list that is too long. */
const RESERVE_MS = 20_000;

/** The function that publishes: what its event names, or all that is mirrored. */
export function createPublish(
  ports: PublishFunctionPorts,
): middy.MiddyfiedHandler<unknown, void, Error, Context> {
  return middy<unknown, void, Error, Context>(async (event: unknown, context: Context) => {
    const { resources } = publishEvent.parse(event);
    const timeLeftMs = () => context.getRemainingTimeInMillis() - RESERVE_MS;
    const named = ports.lists.resources.filter((name) => resources === undefined || resources.includes(name));
    const done = await whileLeased(
      () =>
        publishLists(
          { ...ports.lists, resources: named },
          { ...ports, extracts: resources === undefined ? ports.extracts : undefined, timeLeftMs },
        ),
      { ...ports, timeLeftMs },
    );
    if (!done) ports.log.info('already publishing');
  });
}
