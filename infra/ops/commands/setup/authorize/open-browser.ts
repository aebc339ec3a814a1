import { spawn } from 'node:child_process';

/** Opens an address in the person's browser, where there is one; tells nobody where there is none. */
export function openBrowser(url: string): void {
  const [command, args] = openerFor(process.platform, url);
  const opener = spawn(command, args, { stdio: 'ignore', detached: true });
  // Over SSH and on servers there is nothing to open it with; the address is printed anyway.
  opener.on('error', () => {});
  opener.unref();
}

function openerFor(platform: NodeJS.Platform, url: string): [string, string[]] {
  if (platform === 'darwin') return ['open', [url]];
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}
