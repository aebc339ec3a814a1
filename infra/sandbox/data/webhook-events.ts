/** What webhooks can tell of. Named without a version here, as the OpenAPI description does; a request may write one. */
export const EVENTS = [
  'bid.created',
  'opportunity.created',
  'opportunity.status.updated',
  'opportunity.comment.created',
  'opportunity.comment.updated',
  'opportunity.comment.deleted',
] as const;
export type EventName = (typeof EVENTS)[number];
