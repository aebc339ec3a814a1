import { CommandFailedError } from '../../../terminal/command-failed-error.ts';

/** How long an endpoint of ours may take to answer. */
const TIMEOUT_MS = 10_000;

/** The status with which an endpoint of ours answers a request. Throws what is wrong where it does not answer. */
export async function statusOf(url: string, request: RequestInit = {}): Promise<number> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { status } = await fetch(url, { ...request, redirect: 'manual', signal });
    return status;
  } catch (cause) {
    throw new CommandFailedError(
      'The endpoint is not responding.',
      'Check that it is deployed and reachable from here.',
      { cause },
    );
  }
}
