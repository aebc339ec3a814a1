import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUsableId } from '../../../shared/ids.ts';
import { plainEvent, readEvent, wantedEvents } from '../../../shared/webhooks/webhook-event.ts';
import { signatureOf } from '../../../shared/webhooks/webhook-signature.ts';

describe('an event', () => {
  it('names a record by ids that can be used, or says what is wrong, whatever was sent', () => {
    const names = fc.constantFrom('bid.created', 'opportunity.comment.updated-1.0', '__proto__', 'toString');
    const sent = fc.oneof(
      fc.jsonValue(),
      fc.record({
        hook: fc.oneof(fc.jsonValue(), fc.record({ event: fc.oneof(names, fc.string()) })),
        payload: fc.oneof(
          fc.jsonValue(),
          fc.dictionary(fc.constantFrom('bidId', 'opportunityId', 'commentId'), fc.jsonValue()),
        ),
      }),
    );
    fc.assert(
      fc.property(sent, (json) => {
        const event = readEvent(json);
        if (event.kind !== 'known') return;
        expect(isUsableId(event.target.id)).toBe(true);
        expect(event.target.id).not.toMatch(/^\.+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['bid.created-1.0', 'bid.created'],
    ['bid.created', 'bid.created'],
    ['opportunity.status.updated-2', 'opportunity.status.updated'],
  ])('is called %s or %s', (written, plain) => {
    expect(plainEvent(written)).toBe(plain);
  });

  it('is wanted where its list is mirrored', () => {
    expect(wantedEvents(['bids', 'invites'])).toEqual(['bid.created']);
    expect(wantedEvents(['invites'])).toEqual([]);
  });

  it('is signed as RFC 2202 says', () => {
    expect(signatureOf('what do ya want for nothing?', 'Jefe')).toBe(
      'sha1hash=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
    );
  });
});
