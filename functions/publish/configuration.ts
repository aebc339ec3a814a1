import * as z from 'zod';
import { listSettings, listsOf } from '../../shared/composition/function-settings.ts';

/** The publish function's settings, from its environment variables. */
export const publishConfiguration = z
  .object({
    RECORDS_TABLE: z.string(),
    STATE_TABLE: z.string(),
    LAKE_BUCKET: z.string(),
    LAKE_DATABASE: z.string(),
    /** Absent where the files of Data Connector's jobs are not landed. */
    EXTRACTS_BUCKET: z.string().optional(),
    ...listSettings,
  })
  .transform((settings) => ({
    tables: { records: settings.RECORDS_TABLE, state: settings.STATE_TABLE },
    lake: { bucket: settings.LAKE_BUCKET, database: settings.LAKE_DATABASE },
    extractsBucket: settings.EXTRACTS_BUCKET,
    lists: listsOf(settings),
  }));
