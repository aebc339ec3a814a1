import * as z from 'zod';
import type { AutodeskClient } from '../../autodesk/client/client.ts';
import { UnexpectedResponseError } from '../../autodesk/http/errors.ts';
import { dataConnectorJobs } from '../../resources/data-connector.ts';
import { type ExtractFiles, type FileSource, type ListedFile, SignedAddress } from './listing.ts';

/** The tutorial shows a number, the reference a text. */
const size = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(0))
  .nullish()
  .catch(undefined)
  .transform((bytes) => bytes ?? undefined);

const listing = z.array(z.object({ name: z.string(), size }));
const download = z.object({ size, signedUrl: z.string().min(1) });

/** The data listing and the signed addresses of Data Connector. */
export class DataConnectorFiles implements ExtractFiles {
  readonly #client: Pick<AutodeskClient, 'document'>;

  constructor(client: Pick<AutodeskClient, 'document'>) {
    this.#client = client;
  }

  async listing(accountId: string, jobId: string): Promise<ListedFile[] | undefined> {
    const json = await this.#client.document('data-connector', `${pathOf(accountId, jobId)}/data-listing`);
    return json === undefined ? undefined : shaped(listing, json, 'a data listing');
  }

  async source(accountId: string, jobId: string, name: string): Promise<FileSource | undefined> {
    const path = `${pathOf(accountId, jobId)}/data/${encodeURIComponent(name)}`;
    const json = await this.#client.document('data-connector', path);
    if (json === undefined) return undefined;
    const { size: bytes, signedUrl } = shaped(download, json, 'a download');
    return { size: bytes, address: new SignedAddress(signedUrl) };
  }
}

function pathOf(accountId: string, jobId: string): string {
  return `${dataConnectorJobs.path(accountId)}/${encodeURIComponent(jobId)}`;
}

function shaped<Schema extends z.ZodType>(schema: Schema, json: unknown, what: string): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (!result.success) throw new UnexpectedResponseError(`not ${what}`);
  return result.data;
}
