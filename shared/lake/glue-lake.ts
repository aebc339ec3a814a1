import {
  CreateTableCommand,
  EntityNotFoundException,
  GetTableCommand,
  type GlueClient,
  type Column as GlueColumn,
  paginateGetTables,
  type TableInput,
  UpdateTableCommand,
} from '@aws-sdk/client-glue';
import {
  PutObjectCommand,
  PutObjectTaggingCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import { type Column, type ColumnType, column } from './columns.ts';
import { type Lake, type Published, published } from './lake.ts';
import { outdated } from './publication.ts';

const GLUE_TYPES = {
  boolean: 'boolean',
  double: 'double',
  timestamp: 'timestamp',
  text: 'string',
} as const satisfies Record<ColumnType, string>;

/** Objects with this tag are for the bucket's lifecycle rule to remove. */
export const REPLACED_TAG = { Key: 'replaced', Value: 'true' };
/** Below it, a folder for each table. */
export const TABLES_PREFIX = 'tables/';

/**
 * The lake on AWS: files in a bucket, tables in the Glue Data Catalog. What readers see is a table's location and columns,
 * which one call changes together.
 */
export class GlueLake implements Lake {
  readonly #s3: S3Client;
  readonly #glue: GlueClient;
  readonly #bucket: string;
  readonly #database: string;

  constructor(options: { s3: S3Client; glue: GlueClient; bucket: string; database: string }) {
    this.#s3 = options.s3;
    this.#glue = options.glue;
    this.#bucket = options.bucket;
    this.#database = options.database;
  }

  async current(table: string): Promise<Published | undefined> {
    const found = await this.#find(table);
    return found && publishedOf(found.Parameters);
  }

  async names(prefix: string): Promise<string[]> {
    const names: string[] = [];
    const pages = paginateGetTables({ client: this.#glue }, { DatabaseName: this.#database });
    for await (const { TableList = [] } of pages) names.push(...TableList.map(({ Name = '' }) => Name));
    return names.filter((name) => name.startsWith(prefix));
  }

  async write(table: string, publication: string, file: string, bytes: Uint8Array): Promise<void> {
    await this.#s3.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: `${folderOf(table)}${publication}/${file}`,
        Body: bytes,
        ContentType: 'application/vnd.apache.parquet',
      }),
    );
  }

  async show(table: string, next: Published): Promise<void> {
    const TableInput = tableInput(table, `s3://${this.#bucket}/${folderOf(table)}${next.publication}/`, next);
    const exists = (await this.#find(table)) !== undefined;
    await this.#glue.send(
      exists
        ? // Every publication would else leave a version behind, of which an account may have a limited number.
          new UpdateTableCommand({ DatabaseName: this.#database, TableInput, SkipArchive: true })
        : new CreateTableCommand({ DatabaseName: this.#database, TableInput }),
    );
  }

  async discard(table: string, before: string): Promise<void> {
    const current = await this.current(table);
    const keys = new Map<string, string[]>();
    const pages = paginateListObjectsV2(
      { client: this.#s3 },
      { Bucket: this.#bucket, Prefix: folderOf(table) },
    );
    for await (const { Contents = [] } of pages) {
      for (const { Key = '' } of Contents) {
        const publication = Key.slice(folderOf(table).length).split('/')[0] ?? '';
        keys.set(publication, [...(keys.get(publication) ?? []), Key]);
      }
    }
    for (const publication of outdated([...keys.keys()], current?.publication, before)) {
      for (const Key of keys.get(publication) ?? []) {
        await this.#s3.send(
          new PutObjectTaggingCommand({ Bucket: this.#bucket, Key, Tagging: { TagSet: [REPLACED_TAG] } }),
        );
      }
    }
  }

  async #find(table: string) {
    try {
      const { Table } = await this.#glue.send(
        new GetTableCommand({ DatabaseName: this.#database, Name: table }),
      );
      return Table;
    } catch (error) {
      if (error instanceof EntityNotFoundException) return undefined;
      throw error;
    }
  }
}

function folderOf(table: string): string {
  return `${TABLES_PREFIX}${table}/`;
}

function tableInput(name: string, location: string, next: Published): TableInput {
  const { columns, ...about } = next;
  return {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      classification: 'parquet',
      published: JSON.stringify(about),
      // The paths of the fields, which the columns themselves have no place for.
      fields: JSON.stringify(columns),
    },
    StorageDescriptor: {
      Columns: columns.map(glueColumn),
      Location: location,
      InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}

function glueColumn({ name, type }: Column): GlueColumn {
  return { Name: name, Type: GLUE_TYPES[type] };
}

const parameters = z.object({ published: z.string(), fields: z.string() });

/** What is known of a published table by its parameters; undefined for one that somebody else has made. */
export function publishedOf(given: Record<string, string> | undefined): Published | undefined {
  const found = parameters.safeParse(given);
  if (!found.success) return undefined;
  const columns = z.array(column).parse(JSON.parse(found.data.fields));
  return published.parse({ ...JSON.parse(found.data.published), columns });
}
