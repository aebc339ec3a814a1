import { waitLeftMs } from '../../waits.ts';
import { LEASE_MS, type Partition } from './partition.ts';

/**
 * The partition with its lease taken, or undefined when it is not to be had: it is done, its time has not come,
 * or its lease is live. Taking over from an owner that vanished counts as a resume.
 */
export function takeLease(open: Partition, owner: string, nowMs: number): Partition | undefined {
  if (!isTakeable(open, nowMs)) return undefined;
  return {
    ...open,
    fence: open.fence + 1,
    lease: { owner, untilMs: nowMs + LEASE_MS },
    resumes: open.lease === undefined ? open.resumes : open.resumes + 1,
  };
}

export function isTakeable(open: Partition, nowMs: number): boolean {
  return open.state === 'open' && waitLeftMs(open.notBeforeMs, nowMs) === 0 && !isLeased(open, nowMs);
}

export function isLeased(open: Partition, nowMs: number): boolean {
  return open.lease !== undefined && open.lease.untilMs > nowMs;
}

/** The partition given back, to be taken up by anyone from `notBeforeMs` on. */
export function releaseLease(owned: Partition, notBeforeMs: number): Partition {
  const { lease: _released, ...free } = owned;
  return { ...free, notBeforeMs };
}

/** The same owner for another while. */
export function renewLease(owned: Partition, nowMs: number): Partition {
  return owned.lease === undefined
    ? owned
    : { ...owned, lease: { ...owned.lease, untilMs: nowMs + LEASE_MS } };
}

/** The partition as it is stored. One that is done gets a fence that nobody has: a late write of its owner must not open it again. */
export function sealIfDone(saved: Partition): Partition {
  return saved.state === 'done' ? { ...saved, fence: saved.fence + 1 } : saved;
}
