import type { ObjectStore } from '../../../shared/extracts/object-store.ts';
import { type EngineAddresses, LOCAL_ACCESS } from './clients.ts';

/** The bucket of the embedded S3 that landed extracts lie in. */
export const LANDED_BUCKET = 'extracts';

/** The store of landed extracts on this machine. The code for S3 is loaded here, so that whoever lands nothing does without. */
export async function openLandedStore({ queues }: EngineAddresses): Promise<ObjectStore> {
  const [{ S3Client }, { S3ObjectStore }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('../../../shared/extracts/s3-object-store.ts'),
  ]);
  const s3 = new S3Client({
    ...LOCAL_ACCESS,
    endpoint: queues,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  return new S3ObjectStore(s3, LANDED_BUCKET);
}
