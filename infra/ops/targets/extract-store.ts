import { S3Client } from '@aws-sdk/client-s3';
import { FileObjectStore } from '../../../shared/extracts/file-object-store.ts';
import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import { S3ObjectStore } from '../../../shared/extracts/s3-object-store.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import type { Target } from './target.ts';

/** Where the landed extracts of a target lie, for reading; `LandedExtracts` finds its way in it. */
export function extractStoreOf({ where }: Pick<Target, 'where'>): ObjectStore {
  if (where.kind === 'local') return new FileObjectStore(where.folder);
  const { ExtractsBucket: bucket } = where.outputs;
  if (bucket === undefined) {
    throw new CommandFailedError(
      `The stage ${where.stage} has no bucket for extracts.`,
      `Deploy it again (\`npm run deploy -- --context stage=${where.stage}\`).`,
    );
  }
  return new S3ObjectStore(new S3Client(), bucket);
}
