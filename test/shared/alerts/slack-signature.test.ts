import { describe, expect, it } from 'vitest';
import { isFromSlack, signatureOf } from '../../../shared/alerts/clicks/slack-signature.ts';

/** The example of https://docs.slack.dev/authentication/verifying-requests-from-slack */
const EXAMPLE = {
  secret: '8f742231b10e8888abcd99yyyzzz85a5',
  timestamp: '1531420618',
  body: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
};
const NOW_MS = Number(EXAMPLE.timestamp) * 1_000;

describe('the signature of Slack', () => {
  it('is the one of its documentation', () => {
    expect(signatureOf(EXAMPLE.timestamp, EXAMPLE.body, EXAMPLE.secret)).toBe(EXAMPLE.signature);
    expect(isFromSlack(EXAMPLE, EXAMPLE.secret, NOW_MS)).toBe(true);
  });

  it.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('is believed %i seconds away from our own time: %s', (seconds, isBelieved) => {
    expect(isFromSlack(EXAMPLE, EXAMPLE.secret, NOW_MS + seconds * 1_000)).toBe(isBelieved);
  });

  it.each(['', '-1', '1e9', '1531420618.5', ' 1531420618', '99999999999999'])(
    'is not believed at the time %j',
    (timestamp) => {
      const signature = signatureOf(timestamp, EXAMPLE.body, EXAMPLE.secret);
      expect(isFromSlack({ ...EXAMPLE, timestamp, signature }, EXAMPLE.secret, NOW_MS)).toBe(false);
    },
  );
});
