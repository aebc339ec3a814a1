import * as z from 'zod';
import { ID_PATTERN } from '../ids.ts';
import { bids } from '../resources/bidding.ts';
import { opportunities, opportunityComments } from '../resources/opportunities.ts';

/** The system of BuildingConnected at APS Webhooks. */
export const WEBHOOK_SYSTEM = 'autodesk.construction.bc';

/** Which list an event is about, and which field of its payload names the record and the record's parent. */
interface EventMeaning {
  resource: string;
  idField: string;
  parentIdField?: string;
}

const ABOUT_OPPORTUNITY: EventMeaning = { resource: opportunities.name, idField: 'opportunityId' };
const ABOUT_COMMENT: EventMeaning = {
  resource: opportunityComments.name,
  idField: 'commentId',
  parentIdField: 'opportunityId',
};

/** The events of BuildingConnected that tell of a record we mirror. Nothing is told of pairs, invites, packages or forms. */
const EVENTS: Readonly<Record<string, EventMeaning>> = {
  'bid.created': { resource: bids.name, idField: 'bidId' },
  'opportunity.created': ABOUT_OPPORTUNITY,
  'opportunity.status.updated': ABOUT_OPPORTUNITY,
  'opportunity.comment.created': ABOUT_COMMENT,
  'opportunity.comment.updated': ABOUT_COMMENT,
  'opportunity.comment.deleted': ABOUT_COMMENT,
};

/** The events worth a hook, given the lists that are mirrored; without a version. */
export function wantedEvents(enabledResources: readonly string[]): string[] {
  return Object.keys(EVENTS).filter((event) => enabledResources.includes(EVENTS[event]?.resource ?? ''));
}

/** The list that an event is about; undefined where we know none. With or without a version. */
export function listOfEvent(event: string): string | undefined {
  return meaningOf(plainEvent(event))?.resource;
}

/** The name of an event without the version behind it: some of Autodesk's pages write it, some do not. */
export function plainEvent(event: string): string {
  return event.replace(/-\d+(\.\d+)*$/, '');
}

/** The record to read again. */
export interface EventTarget {
  resource: string;
  id: string;
  parentId?: string;
}

/** What an event says. Only that it is worth reading a record: its other contents are never believed. */
export type WebhookEvent =
  | { kind: 'known'; event: string; target: EventTarget }
  /** Of another system, or one that we do not know (yet). */
  | { kind: 'unknown'; event: string }
  | { kind: 'malformed'; problems: { field: string; problem: string }[] };

const id = z
  .string()
  .regex(ID_PATTERN, 'must be 1 to 128 letters, digits, dots, underscores or hyphens')
  .refine((text) => !/^\.+$/.test(text), 'must not be only dots');

/** What Autodesk sends, as far as it is read. */
export const eventBody = z.looseObject({
  hook: z.looseObject({
    event: z.string().min(1).max(200),
    system: z.string().max(200).nullish(),
  }),
  payload: z.unknown(),
});

/** Reads the JSON of a signed event. Unknown fields are fine. */
export function readEvent(json: unknown): WebhookEvent {
  const read = eventBody.safeParse(json);
  if (!read.success) return malformed(read.error);
  const { hook, payload } = read.data;
  const event = plainEvent(hook.event);
  const meaning = meaningOf(event);
  const isOurs = hook.system === undefined || hook.system === null || hook.system === WEBHOOK_SYSTEM;
  if (meaning === undefined || !isOurs) return { kind: 'unknown', event };
  const { resource, idField, parentIdField } = meaning;
  const ids = z
    .looseObject({ [idField]: id, ...(parentIdField && { [parentIdField]: id }) })
    .safeParse(payload);
  if (!ids.success) return malformed(ids.error, 'payload');
  const named = z.record(z.string(), z.unknown()).parse(ids.data);
  return {
    kind: 'known',
    event,
    target: {
      resource,
      id: id.parse(named[idField]),
      ...(parentIdField !== undefined && { parentId: id.parse(named[parentIdField]) }),
    },
  };
}

function meaningOf(event: string): EventMeaning | undefined {
  return Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
}

function malformed(error: z.ZodError, within?: string): WebhookEvent {
  return {
    kind: 'malformed',
    problems: error.issues.map(({ path, message }) => ({
      field: [...(within === undefined ? [] : [within]), ...path].join('.') || 'body',
      problem: message,
    })),
  };
}
