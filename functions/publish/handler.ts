import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { lambdaBasics } from '../../shared/composition/lambda.ts';
import { publishPorts } from '../../shared/composition/publish.ts';
import { loadConfiguration } from '../../shared/configuration.ts';
import { checkSchema } from '../../shared/dynamodb/schema-check.ts';
import { GlueLake } from '../../shared/lake/glue-lake.ts';
import { publishConfiguration } from './configuration.ts';
import { createPublish } from './publish.ts';

const { lake, ...settings } = loadConfiguration(publishConfiguration);
const dynamodb = new DynamoDBClient();

export const handler = createPublish(
  publishPorts({
    ...lambdaBasics(),
    ...settings,
    dynamodb,
    lake: new GlueLake({ ...lake, s3: new S3Client(), glue: new GlueClient() }),
  }),
).use(checkSchema(dynamodb, [settings.tables.state], [settings.tables.records]));
