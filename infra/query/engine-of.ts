import { join } from 'node:path';
import { systemClock } from '../../shared/clock.ts';
import { FolderLake } from '../../shared/lake/folder-lake.ts';
import { LAKE_FOLDER } from '../local/data/data-folder.ts';
import type { DataPlace } from '../ops/targets/target.ts';
import type { QueryEngine } from './query-engine.ts';

/** What answers questions about the data of a target. */
export async function queryEngineOf({ where }: Pick<DataPlace, 'where'>): Promise<QueryEngine> {
  if (where.kind === 'local') {
    const { DuckDbEngine } = await import('./duckdb-engine.ts');
    const folder = join(where.folder, LAKE_FOLDER);
    return new DuckDbEngine(new FolderLake(folder), folder);
  }
  const [{ AthenaEngine }, { AthenaClient }, { GlueClient }] = await Promise.all([
    import('./athena-engine.ts'),
    import('@aws-sdk/client-athena'),
    import('@aws-sdk/client-glue'),
  ]);
  const { LakeDatabase: database, LakeWorkgroup: workgroup } = where.outputs;
  return new AthenaEngine({
    athena: new AthenaClient(),
    glue: new GlueClient(),
    workgroup,
    database,
    clock: systemClock,
  });
}
