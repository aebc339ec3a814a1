import { describe, expect, it } from 'vitest';
import { accountIdSettings } from '../../shared/account-id.ts';
import { callbackBody } from '../../shared/callbacks/callback.ts';

const ACCOUNT = 'aaaaaaaa-bbbb-1ccc-0ddd-eeeeeeeeee99';

describe('account ids in settings', () => {
  it.each([ACCOUNT, ACCOUNT.toUpperCase(), `b.${ACCOUNT}`, `B.${ACCOUNT.toUpperCase()}`])(
    'name the account, as people paste it: %s',
    (pasted) => {
      expect(accountIdSettings.parse([pasted])).toEqual([ACCOUNT]);
    },
  );

  it('name each account once', () => {
    expect(accountIdSettings.parse([ACCOUNT, `b.${ACCOUNT}`])).toEqual([ACCOUNT]);
  });

  it.each([
    '',
    'b.',
    'company',
    ACCOUNT.slice(1),
    `${ACCOUNT}0`,
    ACCOUNT.replaceAll('-', ''),
    `a.${ACCOUNT}`,
    `{${ACCOUNT}}`,
    `https://acc.autodesk.com/docs/files/projects?accountId=${ACCOUNT}`,
  ])('are refused with the form that is wanted: %j', (pasted) => {
    const { error } = accountIdSettings.safeParse([pasted]);
    expect(error?.issues).toMatchObject([{ path: [0], message: expect.stringContaining('must be a UUID') }]);
  });
});

it('a callback names the same account in any case, with or without the prefix', () => {
  const accounts = [ACCOUNT, `b.${ACCOUNT.toUpperCase()}`].map(
    (accountId) => callbackBody.parse({ accountId, requestId: 'r', jobId: 'j' }).accountId,
  );
  expect(accounts).toEqual([ACCOUNT, ACCOUNT]);
});
