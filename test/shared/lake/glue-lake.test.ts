import {
  AccessDeniedException,
  CreateTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  GlueClient,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import {
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { GlueLake, publishedOf } from '../../../shared/lake/glue-lake.ts';
import type { Published } from '../../../shared/lake/lake.ts';

const s3Client = new S3Client({});
const glueClient = new GlueClient({});
const s3 = mockClient(s3Client);
const glue = mockClient(glueClient);
const lake = new GlueLake({ s3: s3Client, glue: glueClient, bucket: 'lake', database: 'mirror' });

const OLD = '20261120T100000000Z-aa';
const NEW = '20261122T100000000Z-bb';
const PUBLISHED: Published = {
  publication: NEW,
  asOf: '2026-11-22T10:00:00.000Z',
  rows: 2,
  fingerprint: 'f',
  columns: [
    { name: 'id', type: 'text' },
    { name: 'read_at', type: 'timestamp' },
    { name: 'is_sealed', type: 'boolean', path: ['isSealed'] },
    { name: 'client_score', type: 'double', path: ['client', 'score'] },
  ],
};
const NOT_FOUND = new EntityNotFoundException({ message: 'no table', $metadata: {} });

beforeEach(() => {
  s3.reset();
  glue.reset();
  glue.on(GetTableCommand).rejects(NOT_FOUND);
});

describe('the lake on AWS', () => {
  it('writes a file under the prefix of its table and publication', async () => {
    const bytes = new Uint8Array([1]);
    await lake.write('invites', NEW, '00000.parquet', bytes);
    expect(s3.commandCalls(PutObjectCommand).map(({ args }) => args[0].input)).toEqual([
      {
        Bucket: 'lake',
        Key: `tables/invites/${NEW}/00000.parquet`,
        Body: bytes,
        ContentType: 'application/vnd.apache.parquet',
      },
    ]);
    expect(glue.calls()).toEqual([]);
  });

  it('shows a first publication as a new table, with its place and its columns', async () => {
    await lake.show('invites', PUBLISHED);
    const [created] = glue.commandCalls(CreateTableCommand).map(({ args }) => args[0].input);
    expect(created).toMatchObject({
      DatabaseName: 'mirror',
      TableInput: {
        Name: 'invites',
        TableType: 'EXTERNAL_TABLE',
        Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
        StorageDescriptor: {
          Location: `s3://lake/tables/invites/${NEW}/`,
          Columns: [
            { Name: 'id', Type: 'string' },
            { Name: 'read_at', Type: 'timestamp' },
            { Name: 'is_sealed', Type: 'boolean' },
            { Name: 'client_score', Type: 'double' },
          ],
          InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    });
    expect(glue.commandCalls(UpdateTableCommand)).toEqual([]);
  });

  it('switches a table to the next publication in one call, and leaves no version of it behind', async () => {
    glue.on(GetTableCommand).resolves({ Table: { Name: 'invites' } });
    await lake.show('invites', PUBLISHED);
    expect(glue.commandCalls(CreateTableCommand)).toEqual([]);
    const updates = glue.commandCalls(UpdateTableCommand).map(({ args }) => args[0].input);
    expect(updates).toMatchObject([
      {
        DatabaseName: 'mirror',
        SkipArchive: true,
        TableInput: { StorageDescriptor: { Location: `s3://lake/tables/invites/${NEW}/` } },
      },
    ]);
  });

  it('reads back what it has shown, columns and their paths included', async () => {
    await lake.show('invites', PUBLISHED);
    const [created] = glue.commandCalls(CreateTableCommand).map(({ args }) => args[0].input);
    glue.on(GetTableCommand).resolves({ Table: { Name: 'invites', ...created?.TableInput } });
    expect(await lake.current('invites')).toEqual(PUBLISHED);
    expect(glue.commandCalls(GetTableCommand).at(-1)?.args[0].input).toEqual({
      DatabaseName: 'mirror',
      Name: 'invites',
    });
  });

  it('knows no publication of a table that is not there, or that somebody else has made', async () => {
    expect(await lake.current('invites')).toBeUndefined();
    expect(publishedOf({ classification: 'csv' })).toBeUndefined();
    expect(publishedOf(undefined)).toBeUndefined();
  });

  it('does not take a refusal for a missing table', async () => {
    glue.on(GetTableCommand).rejects(new AccessDeniedException({ message: 'no', $metadata: {} }));
    await expect(lake.current('invites')).rejects.toBeInstanceOf(AccessDeniedException);
    await expect(lake.show('invites', PUBLISHED)).rejects.toBeInstanceOf(AccessDeniedException);
    expect(glue.commandCalls(CreateTableCommand)).toEqual([]);
  });

  it('marks the files that nobody reads any more, for the bucket to remove, page by page', async () => {
    const parameters = { published: JSON.stringify({ ...PUBLISHED, columns: [] }), fields: '[]' };
    glue.on(GetTableCommand).resolves({ Table: { Name: 'invites', Parameters: parameters } });
    const object = (publication: string, file: string) => ({ Key: `tables/invites/${publication}/${file}` });
    s3.on(ListObjectsV2Command)
      .resolvesOnce({
        Contents: [object(OLD, '0'), object(OLD, '1')],
        IsTruncated: true,
        NextContinuationToken: 'next',
      })
      .resolvesOnce({ Contents: [object(NEW, '0')] });
    await lake.discard('invites', '2026-11-23T10:00:00.001Z');
    expect(s3.commandCalls(ListObjectsV2Command).map(({ args }) => args[0].input)).toMatchObject([
      { Bucket: 'lake', Prefix: 'tables/invites/' },
      { Bucket: 'lake', Prefix: 'tables/invites/', ContinuationToken: 'next' },
    ]);
    const tagged = ['0', '1'].map((file) => ({
      Bucket: 'lake',
      ...object(OLD, file),
      Tagging: { TagSet: [{ Key: 'replaced', Value: 'true' }] },
    }));
    expect(s3.commandCalls(PutObjectTaggingCommand).map(({ args }) => args[0].input)).toEqual(tagged);

    s3.resetHistory();
    s3.on(ListObjectsV2Command).resolves({ Contents: [object(OLD, '0'), object(NEW, '0')] });
    await lake.discard('invites', '2026-11-22T10:00:00.000Z');
    expect(s3.commandCalls(PutObjectTaggingCommand)).toEqual([]);
  });
});
