import { FileObjectStore } from '../../../shared/extracts/file-object-store.ts';
import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import type { Target } from './target.ts';

/** Where the landed extracts of a target lie, for reading; `LandedExtracts` finds its way in it. */
export async function extractStoreOf({ where }: Pick<Target, 'where'>): Promise<ObjectStore> {
  if (where.kind === 'local') return new FileObjectStore(where.folder);
  const { ExtractsBucket: bucket } = where.outputs;
  if (bucket === undefined) {
    throw new CommandFailedError(
      `The stage ${where.stage} has no bucket for extracts.`,
      `Deploy it again (\`npm run deploy -- --context stage=${where.stage}\`).`,
    );
  }
  // A command on this machine does without the code for S3.
  const [{ S3Client }, { S3ObjectStore }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../../../shared/extracts/s3-object-store.ts'),
  ]);
  return new S3ObjectStore(new S3Client(), bucket);
}
