import * as z from 'zod';

/** The name of a time zone in which people are told times. */
export const timeZoneName = z
  .string()
  .refine(
    (name) => name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name),
    'must be an IANA time zone, such as America/Chicago',
  );

/** A moment as people read it: `Jul 18, 2026, 2:07 AM UTC`. Machines keep ISO 8601. */
export function timeText(iso: string, timeZone: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return 'unknown time';
  const text = new Intl.DateTimeFormat('en-US', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(moment);
  // A narrow no-break space before AM and PM: email and terminals are better off without.
  return text.replaceAll('\u202f', ' ');
}
