import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import { CommandFailedError } from '../terminal/command-failed-error.ts';
import type { StageOutputs } from './stage-outputs.ts';

/** The store of a stage's landed extracts. */
export async function openStageExtracts(
  stage: string,
  { ExtractsBucket: bucket }: StageOutputs,
): Promise<ObjectStore> {
  if (bucket === undefined) {
    throw new CommandFailedError(
      `The stage ${stage} has no bucket for extracts.`,
      `Deploy it again (\`npm run deploy -- --context stage=${stage}\`).`,
    );
  }
  // Other commands do without the code for S3.
  const [{ S3Client }, { S3ObjectStore }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../../../shared/extracts/s3-object-store.ts'),
  ]);
  return new S3ObjectStore(new S3Client(), bucket);
}
