import { expect, it } from 'vitest';
import { namePrefix } from '../../../infra/cdk/settings/stages.ts';
import { stackTemplate } from './stack-template.ts';
import { appOf, resourcesOf } from './synthesise.ts';

const assembly = appOf({
  person: {},
  account: { autodesk: { authorization: 'service-account' } },
}).synth();
const templateOf = (name: string) => stackTemplate.parse(assembly.getStackByName(name).template);

/** The roles that may use the secret of the management sign-in. */
function usersIn(stage: string): string[] {
  return resourcesOf(templateOf(namePrefix(stage)), 'AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties).includes('ExportsOutputRefManagement'))
    .map(([id]) => id.replace(/RoleDefaultPolicy.*/, ''));
}

it('lets the worker alone use the management sign-in, and only where a person signs in', () => {
  expect(usersIn('person')).toEqual(['Worker']);
  expect(usersIn('account')).toEqual([]);
});

it('has the same data stack whoever signs in, so that either can follow the other', () => {
  const exportsOf = (stage: string) =>
    Object.keys(templateOf(`${namePrefix(stage)}-data`).Outputs ?? {}).sort();
  expect(exportsOf('account')).toEqual(exportsOf('person'));
});
