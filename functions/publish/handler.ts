import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import { publishPorts } from '../../shared/composition/publish.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { S3ObjectStore } from '../../shared/extracts/s3-object-store.ts';
import { GlueLake } from '../../shared/lake/glue-lake.ts';
import { publishConfiguration } from './configuration.ts';
import { createPublish } from './publish.ts';

const { lake, extractsBucket, ...settings } = loadConfiguration(publishConfiguration);
const dynamodb = new DynamoDBClient();
const s3 = new S3Client();

export const handler = createPublish(
  publishPorts({
    ...lambdaBasics(),
    ...settings,
    dynamodb,
    lake: new GlueLake({ ...lake, s3, glue: new GlueClient() }),
    extractStore: extractsBucket === undefined ? undefined : new S3ObjectStore(s3, extractsBucket),
  }),
).use(checkSchema(dynamodb, [settings.tables.state], [settings.tables.records]));
