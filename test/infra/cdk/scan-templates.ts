import { spawnSync } from 'node:child_process';
import * as z from 'zod';
import type { AcceptedFinding } from './accepted-findings.ts';

export interface Finding {
  check: string;
  resourceType: string;
  logicalId: string;
  message: string;
}

const template = z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) });

const cfnLintReport = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullish() }),
  }),
);

const checkovReport = z.object({
  results: z.object({
    failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })),
  }),
  summary: z.object({ passed: z.number(), parsing_errors: z.literal(0), resource_count: z.number() }),
});

export function isInstalled(scanner: 'cfn-lint' | 'checkov'): boolean {
  return spawnSync(scanner, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** What cfn-lint finds in templates, warnings included. */
export function findingsOfCfnLint(files: readonly string[], read: (file: string) => string): Finding[] {
  const report = cfnLintReport.parse(run('cfn-lint', ['--format', 'json', '--', ...files]));
  return report.map(({ Filename, Message, Rule, Location }) => {
    const [section, logicalId] = Location.Path ?? [];
    const resources = template.parse(JSON.parse(read(Filename))).Resources;
    const resource = section === 'Resources' ? resources[String(logicalId)] : undefined;
    return {
      check: Rule.Id,
      resourceType: resource?.Type ?? 'template',
      logicalId: String(logicalId),
      message: Message,
    };
  });
}

/** What checkov finds in templates. Fails where it could not read one, or looked at nothing. */
export function findingsOfCheckov(files: readonly string[]): Finding[] {
  const options = [
    '--framework',
    'cloudformation',
    '--skip-download',
    '--compact',
    '--quiet',
    '--output',
    'json',
  ];
  const { results, summary } = checkovReport.parse(run('checkov', [...options, '--file', ...files]));
  if (summary.passed === 0) throw new Error('checkov has checked nothing.');
  return results.failed_checks.map(({ check_id, check_name, resource }) => {
    const [resourceType = '', logicalId = ''] = resource.split('.');
    return { check: check_id, resourceType, logicalId, message: check_name };
  });
}

/** Both exit with a code other than 0 where they find something; what they print says what happened. */
function run(scanner: string, args: readonly string[]): unknown {
  const { stdout, stderr } = spawnSync(scanner, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`${scanner} printed no report: ${stdout}${stderr}`);
  }
}

/** The findings that nobody has accepted, and what was accepted though nothing finds it. */
export function judge(
  findings: readonly Finding[],
  accepted: readonly AcceptedFinding[],
): { open: string[]; needless: string[] } {
  const covers = (acceptance: AcceptedFinding, finding: Finding) =>
    acceptance.check === finding.check &&
    acceptance.resourceType === finding.resourceType &&
    (acceptance.resources?.test(finding.logicalId) ?? true);
  return {
    open: findings
      .filter((finding) => !accepted.some((acceptance) => covers(acceptance, finding)))
      .map(
        ({ check, resourceType, logicalId, message }) => `${check} ${resourceType} ${logicalId}: ${message}`,
      ),
    needless: accepted
      .filter((acceptance) => !findings.some((finding) => covers(acceptance, finding)))
      .map(({ check, resourceType }) => `${check} ${resourceType}`),
  };
}
