import { html, raw } from 'hono/html';
import { VERSION } from '../../version.ts';
import type { Html } from './parts.ts';

const VIEWS = [
  ['/', 'Overview'],
  ['/transfers', 'Transfers'],
  ['/runs', 'Runs'],
  ['/timeline', 'Timeline'],
  ['/records', 'Records'],
  ['/query', 'Query'],
  ['/operations', 'Operations'],
] as const;

export interface Page {
  title: string;
  /** With its query. */
  path: string;
  /** What is mirrored, and where. */
  place: string;
  /** Whether it changes by itself while it is looked at. */
  isLive: boolean;
  /** Where the sandbox's Slack is shown, if there is one. */
  slackUrl: string | undefined;
  notice: Html | undefined;
  content: Html;
}

/** A whole page; it works without scripts, and then stands still. */
export function layout({ title, path, place, isLive, slackUrl, notice, content }: Page): Html {
  const [pathname = '/'] = path.split('?');
  const isHere = (href: string) => (href === '/' ? pathname === '/' : pathname.startsWith(href));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="htmx-config" content='${raw('{"includeIndicatorCSS":false}')}'>
<title>${title} - buildingconnected-sync</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/console.css">
<script src="/assets/htmx.js" defer></script>
</head>
<body>
<a class="skip" href="#view">Skip to content</a>
<header>
<p class="brand"><b>buildingconnected-sync</b> <span class="place">${place}</span></p>
<nav aria-label="Views">
${VIEWS.map(([href, label]) => html`<a href="${href}" ${isHere(href) ? raw('aria-current="page"') : ''}>${label}</a>`)}
${slackUrl === undefined ? '' : html`<a href="${slackUrl}">Slack</a>`}
</nav>
</header>
${notice === undefined ? '' : html`<div class="notice" role="status">${notice}</div>`}
<main id="view" tabindex="-1" ${isLive ? raw(`hx-sse:connect="/live?at=${encodeURIComponent(path)}" hx-swap="innerMorph"`) : ''}>
${content}
</main>
<footer>version ${VERSION}</footer>
</body>
</html>`;
}
