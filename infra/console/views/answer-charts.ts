import { html } from 'hono/html';
import type { AnswerColumn, Value } from '../../query/query-engine.ts';
import type { Html } from './parts.ts';
import { cellText, isIdColumn } from './values.ts';

const MOST_CHARTS = 4;
const MOST_BARS = 30;
const LABEL_LENGTH = 22;

const LABELS_WIDTH = 170;
const BARS_WIDTH = 180;
const VALUES_WIDTH = 80;
const ROW_HEIGHT = 18;
const BAR_HEIGHT = 12;

/**
 * Bars for each column of numbers, where one other column says what each stands for; none where that cannot be told,
 * or where there is nothing to compare.
 */
export function answerCharts(columns: readonly AnswerColumn[], rows: readonly Value[][]): Html[] {
  const places = columns.map((column, place) => ({ ...column, place }));
  const [label, ...others] = places.filter(
    ({ name, kind }) => kind !== 'number' && kind !== 'boolean' && !isIdColumn(name),
  );
  if (label === undefined || others.length > 0 || rows.length < 2) return [];
  return places
    .filter(({ kind }) => kind === 'number')
    .slice(0, MOST_CHARTS)
    .map(({ name, place }) => {
      const bars = rows.slice(0, MOST_BARS).map((row) => ({
        label: cellText(row[label.place] ?? null, label.kind) || '(none)',
        // What a double would round is a text; a bar is not that exact.
        value: row[place] === null ? 0 : Number(row[place]),
        text: cellText(row[place] ?? null, 'number'),
      }));
      return chart(`${name} by ${label.name}`, bars, rows.length);
    });
}

interface Bar {
  label: string;
  value: number;
  text: string;
}

function chart(title: string, bars: readonly Bar[], rowCount: number): Html {
  const values = bars.map(({ value }) => (Number.isFinite(value) ? value : 0));
  const lowest = Math.min(0, ...values);
  const span = Math.max(0, ...values) - lowest || 1;
  const width = LABELS_WIDTH + BARS_WIDTH + VALUES_WIDTH;
  const height = bars.length * ROW_HEIGHT;
  const scaled = (value: number) => Math.round(((value - lowest) / span) * BARS_WIDTH);
  return html`<figure class="chart">
<figcaption>${title}${bars.length < rowCount ? `, the first ${bars.length}` : ''}</figcaption>
<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">
${bars.map(({ label, text }, index) => {
  const value = values[index] ?? 0;
  const [from, to] = [scaled(Math.min(0, value)), scaled(Math.max(0, value))];
  const y = index * ROW_HEIGHT;
  return html`<g><title>${label}: ${text}</title>
<text x="${LABELS_WIDTH - 6}" y="${y + 13}" text-anchor="end">${shortened(label)}</text>
<rect x="${LABELS_WIDTH + from}" y="${y + 3}" width="${Math.max(1, to - from)}" height="${BAR_HEIGHT}"></rect>
<text x="${LABELS_WIDTH + BARS_WIDTH + 6}" y="${y + 13}">${text}</text></g>`;
})}
</svg>
</figure>`;
}

function shortened(label: string): string {
  const characters = [...label];
  return characters.length <= LABEL_LENGTH ? label : `${characters.slice(0, LABEL_LENGTH - 1).join('')}…`;
}
