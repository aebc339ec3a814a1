import { incompleteReasons, summaryText, unavailableNotes } from './display/summary.ts';
import { waitSentence } from './display/wait-text.ts';
import type { SyncReport } from './run-mirror.ts';

/** How a sync ended, for a person and for the exit code: no reasons are a success. */
export function endOf(
  { end, behind, ...report }: SyncReport,
  { timeZone, timeoutMinutes }: { timeZone: string; timeoutMinutes: number },
): {
  summary: string;
  /** Why not every run is complete, one line each. */
  reasons: string[];
  /** What a person may want to know, though it is no failure. */
  notes: string[];
} {
  const undelivered = behind.map((channel) => `Some alerts have not reached the ${channel} channel yet.`);
  const summary = [summaryText({ ...report, timeZone }), ...undelivered].join('\n').trimEnd();
  switch (end.kind) {
    case 'idle':
      return {
        summary,
        reasons: incompleteReasons(report.progress),
        notes: [
          ...unavailableNotes(report.progress),
          ...(report.lakeProblem === undefined ? [] : [report.lakeProblem]),
        ],
      };
    case 'needs-consent':
      return { summary, reasons: [end.reason], notes: [] };
    case 'out-of-time': {
      const wait = end.wait === undefined ? '' : ` ${waitSentence(end.wait, timeZone)}.`;
      const minutes = timeoutMinutes === 1 ? '1 minute' : `${timeoutMinutes} minutes`;
      return {
        summary,
        reasons: [`Not finished within ${minutes} (--timeout).${wait} Run again to resume, with more time.`],
        notes: [],
      };
    }
    case 'unreachable':
      return { summary, reasons: [`No progress for 90 seconds: ${end.reason}`], notes: [] };
  }
}
