import { type Waiting, waitText } from '../../../shared/autodesk/connection/waiting.ts';
import { isoTime } from '../../../shared/clock.ts';
import { timeText } from '../../../shared/time-text.ts';

/** Why a sync does not move. */
export type Wait =
  /** Autodesk has asked for it, or does not let us sign in and is asked again then. */
  | { for: 'autodesk'; waiting: Waiting }
  /** Nothing is known, but that nothing arrives. */
  | { for: 'progress'; givesUpAtMs: number };

/** The wait for people, as a sentence without its period: for what, and until when. */
export function waitSentence(wait: Wait, timeZone: string): string {
  switch (wait.for) {
    case 'autodesk':
      return `Waiting for Autodesk ${waitText(wait.waiting, timeZone)}`;
    case 'progress':
      // The time first: a terminal may be too narrow for the rest.
      return `Waiting until ${timeText(isoTime(wait.givesUpAtMs), timeZone)} at the latest for Autodesk to respond, or for records to be stored`;
  }
}
