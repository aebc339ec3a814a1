/** One measured figure, with what it is compared with and what keeps it from being better. */
export interface Figure {
  name: string;
  value: string;
  /** The plain loop's, or what else it stands beside. */
  beside?: string;
  ratio?: string;
  bound: string;
}

export interface Section {
  title: string;
  figures: Figure[];
}

/** A ratio that has to hold, wherever it is measured. */
export interface Check {
  claim: string;
  measured: number;
  least?: number;
  most?: number;
}

export function holds({ measured, least, most }: Check): boolean {
  return (least === undefined || measured >= least) && (most === undefined || measured <= most);
}

export function sectionText({ title, figures }: Section): string {
  const rows = figures.map(({ name, value, beside = '', ratio = '', bound }) =>
    [name, value, beside, ratio, bound].join(' | '),
  );
  const head = ['figure', 'measured', 'beside it', 'ratio', 'bound by'].join(' | ');
  return [
    `### ${title}`,
    '',
    `| ${head} |`,
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

export function checksText(checks: readonly Check[]): string {
  const rows = checks.map((check) => {
    const wanted = check.least === undefined ? `at most ${check.most}` : `at least ${check.least}`;
    return `| ${check.claim} | ${round(check.measured, 3)} | ${wanted} | ${holds(check) ? 'holds' : 'DOES NOT HOLD'} |`;
  });
  return ['| what must hold | measured | wanted | |', '|---|---|---|---|', ...rows].join('\n');
}

export function round(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
