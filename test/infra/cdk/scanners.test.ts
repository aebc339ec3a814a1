import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCEPTED_FINDINGS } from './accepted-findings.ts';
import { findingsOfCfnLint, findingsOfCheckov, isInstalled, judge } from './scan-templates.ts';
import { type SynthesisedApp, synthesiseByCommand } from './synthesise-command.ts';

const PATIENCE = { timeout: 120_000 };
const ofCheckov = ACCEPTED_FINDINGS.filter(({ check }) => check.startsWith('CKV'));
const ofCfnLint = ACCEPTED_FINDINGS.filter((accepted) => !ofCheckov.includes(accepted));

const hasCfnLint = isInstalled('cfn-lint');
const hasCheckov = isInstalled('checkov');

describe.skipIf(!hasCfnLint && !hasCheckov)('the templates that are deployed', () => {
  let app: SynthesisedApp;

  beforeAll(async () => {
    app = await synthesiseByCommand();
  }, PATIENCE.timeout);

  afterAll(() => app?.remove());

  it.skipIf(!hasCfnLint)('have no finding of cfn-lint but those accepted', PATIENCE, () => {
    const findings = findingsOfCfnLint(app.templateFiles, (file) => readFileSync(file, 'utf8'));
    expect(judge(findings, ofCfnLint)).toEqual({ open: [], needless: [] });
  });

  it.skipIf(!hasCheckov)('have no finding of checkov but those accepted', PATIENCE, () => {
    expect(judge(findingsOfCheckov(app.templateFiles), ofCheckov)).toEqual({ open: [], needless: [] });
  });
});

describe('the list of accepted findings', () => {
  const finding = {
    check: 'CKV_1',
    resourceType: 'AWS::SQS::Queue',
    logicalId: 'FetchQueue',
    message: 'a queue',
  };
  const accepted = { check: 'CKV_1', resourceType: 'AWS::SQS::Queue', reason: 'for the test' };

  it('covers a finding of its check on its type of resource only', () => {
    const elsewhere = { ...finding, resourceType: 'AWS::SNS::Topic', logicalId: 'Alerts' };
    expect(judge([finding, elsewhere], [accepted])).toEqual({
      open: ['CKV_1 AWS::SNS::Topic Alerts: a queue'],
      needless: [],
    });
  });

  it('covers only the resources that it names', () => {
    const fetchOnly = { ...accepted, resources: /^Fetch/ };
    expect(judge([finding, { ...finding, logicalId: 'AlertQueue' }], [fetchOnly]).open).toEqual([
      'CKV_1 AWS::SQS::Queue AlertQueue: a queue',
    ]);
  });

  it('may hold nothing that no scanner finds', () => {
    expect(judge([], [accepted])).toEqual({ open: [], needless: ['CKV_1 AWS::SQS::Queue'] });
  });
});
