import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoAnswer, DynamoRequest } from './dynalite.ts';
import { LOCAL_REGION } from './queues.ts';

/** Where the embedded engines listen. */
export interface EngineAddresses {
  dynamodb: string;
  /** SQS, SNS and S3. */
  queues: string;
}

export interface LocalClients {
  dynamodb: DynamoDBClient;
  sqs: SQSClient;
  sns: SNSClient;
  /** Closes the connections. */
  destroy(): void;
}

type RequestHandler = Extract<DynamoDBClientConfig['requestHandler'], { handle: unknown }>;
type RequestSigner = Extract<DynamoDBClientConfig['signer'], { sign: unknown }>;

/** The engines look whether a request is signed and not by whom, so a signature is not worked out each time. */
const signer: RequestSigner = {
  async sign(request) {
    request.headers['x-amz-date'] = '20260101T000000Z';
    request.headers.authorization = `AWS4-HMAC-SHA256 Credential=local/20260101/${LOCAL_REGION}/local/aws4_request, SignedHeaders=host, Signature=local`;
    return request;
  },
};

/** For a client of any of the engines; no credentials of this machine's AWS are looked at. */
export const LOCAL_ACCESS = {
  region: LOCAL_REGION,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  signer,
};

/**
 * AWS clients of the embedded engines. With `send`, that of DynamoDB makes no connections: where the engines are in
 * the same process.
 */
export function createLocalClients(
  addresses: EngineAddresses,
  send?: (request: DynamoRequest) => Promise<DynamoAnswer>,
): LocalClients {
  const dynamodb = new DynamoDBClient({
    ...LOCAL_ACCESS,
    endpoint: addresses.dynamodb,
    cacheMiddleware: true,
    // Workers send more at once than the engine takes, and the client would print a warning when it is slow.
    requestHandler: send ? withoutConnection(send) : { socketAcquisitionWarningTimeout: 60_000 },
  });
  // Each put pays for these: a copy of all that is sent and answered, for a log that nobody reads; the name of this
  // program, which the engine does not ask for; and working out an address that is known.
  dynamodb.middlewareStack.remove('loggerMiddleware');
  dynamodb.middlewareStack.remove('getUserAgentMiddleware');
  const endpoint = { url: new URL(addresses.dynamodb) };
  dynamodb.config.endpointProvider = () => endpoint;
  const sqs = new SQSClient({ ...LOCAL_ACCESS, endpoint: addresses.queues });
  const sns = new SNSClient({ ...LOCAL_ACCESS, endpoint: addresses.queues });
  return {
    dynamodb,
    sqs,
    sns,
    destroy() {
      dynamodb.destroy();
      sqs.destroy();
      sns.destroy();
    },
  };
}

function withoutConnection(send: (request: DynamoRequest) => Promise<DynamoAnswer>): RequestHandler {
  return {
    async handle({ headers, body }: { headers: Record<string, string>; body?: Uint8Array | string }) {
      const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
      const answer = await send({ target: headers['x-amz-target'] ?? '', body: text });
      return {
        response: {
          statusCode: answer.statusCode,
          headers: { 'content-type': 'application/x-amz-json-1.0' },
          body: Buffer.from(answer.body),
        },
      };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}
