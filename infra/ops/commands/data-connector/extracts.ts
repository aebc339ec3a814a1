import { timeText } from '../../../../shared/time-text.ts';
import { storesOf } from '../../targets/stores.ts';
import { tableText } from '../../terminal/table-text.ts';
import { print, printJson, tell } from '../../terminal/terminal.ts';
import { type Ops, opsCommand, UsageError } from '../command.ts';
import { chooseExtracts, downloadExtract } from './download-extract.ts';
import { type ListedExtract, listExtracts } from './list-extracts.ts';

export function extracts(ops: Ops) {
  const { terminal } = ops;
  return opsCommand(
    'extracts',
    'list landed Data Connector extracts, or download the latest',
    'Without --get it lists every job whose files were landed or could not be, the latest first. With --get it downloads ' +
      'the latest extract of each request to DIR/<request>/<job>/, and checks every file by its SHA-256; files that are ' +
      'there already are left alone.',
  )
    .option('--request <id>', 'only of this request')
    .option('--job <id>', 'only of this job')
    .option('--get <dir>', 'download to this folder')
    .option('--json', 'print JSON')
    .action(({ request, job, get, json, ...places }) => {
      if (get === '') throw new UsageError('--get needs a folder.', 'extracts');
      return ops.open(places)(async (target) => {
        const wanted = { requestId: request, jobId: job };
        if (get !== undefined) {
          const store = await target.extractStore();
          for (const manifest of await chooseExtracts(wanted, store, storesOf(target), target.accountIds)) {
            const done = await downloadExtract(manifest, get, store);
            tell(terminal, `${done.folder}: ${done.downloaded} downloaded, ${done.kept} there already.`);
          }
          return;
        }
        const listed = (await listExtracts(target)).filter(
          ({ requestId, jobId }) => requestId === (request ?? requestId) && jobId === (job ?? jobId),
        );
        if (json) return printJson(terminal, listed);
        if (listed.length === 0) return tell(terminal, 'No extracts.');
        print(terminal, tableText([HEADER, ...listed.map((extract) => rowOf(extract, target.timeZone))]));
        for (const { refused } of listed) {
          for (const { name, reason } of refused) tell(terminal, `Not landed: ${name} (${reason}).`);
        }
      });
    });
}

const HEADER = ['JOB ENDED', 'REQUEST', 'JOB', 'STATE', 'FILES', 'BYTES', 'LANDED', 'WHY'];

function rowOf(extract: ListedExtract, timeZone: string): string[] {
  const { endedAt, requestId, jobId, state, files, bytes, landedAt, reason } = extract;
  return [
    timeText(endedAt, timeZone),
    requestId,
    jobId,
    state,
    String(files.length),
    String(bytes),
    landedAt === null ? '' : timeText(landedAt, timeZone),
    reason ?? '',
  ];
}
