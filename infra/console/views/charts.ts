import { html } from 'hono/html';
import type { Html } from './parts.ts';

const HEIGHT = 48;
const BAR = 6;
const GAP = 2;

export interface Bar {
  /** What it stands for, such as a day. */
  label: string;
  value: number;
}

/** Bars, the oldest first, with their values when pointed at; `title` says what they show, `figure` what they come to. */
export function barChart(
  title: string,
  bars: readonly Bar[],
  valueText: (value: number) => string,
  figure = bars.reduce((total, { value }) => total + value, 0),
): Html {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const width = bars.length * (BAR + GAP);
  return html`<figure class="chart">
<figcaption>${title} <b>${valueText(figure)}</b></figcaption>
<svg viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${title}: ${valueText(figure)}">
${bars.map(({ label, value }, index) => {
  const height = value === 0 ? 1 : Math.max(2, (value / most) * HEIGHT);
  return html`<rect x="${index * (BAR + GAP)}" y="${HEIGHT - height}" width="${BAR}" height="${height}"><title>${label}: ${valueText(value)}</title></rect>`;
})}
</svg>
</figure>`;
}

/** How much of something is used. */
export function gauge(label: string, used: number, limit: number): Html {
  const share = Math.min(1, used / Math.max(1, limit));
  return html`<div class="gauge">
<span>${label}</span>
<meter min="0" max="${limit}" high="${limit * 0.9}" value="${used}" aria-label="${label}">${Math.round(share * 100)} %</meter>
<b>${used} of ${limit}</b>
</div>`;
}
