import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Whether Debian's browser is here. Says so in one visible line where it is not, with what is left out then. */
export function hasChromium(leftOut: string): boolean {
  const isHere = existsSync(CHROMIUM);
  if (!isHere) process.stderr.write(`browser tests: no ${CHROMIUM} here, so ${leftOut}\n`);
  return isHere;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-sync',
      '--disable-component-update',
      '--disable-background-networking',
    ],
  });
}
