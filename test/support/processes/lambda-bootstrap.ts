import { pathToFileURL } from 'node:url';

/**
 * Plays the part of Lambda's Node runtime in a process of its own: loads the bundle, then takes one invocation
 * after the other from the runtime interface.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
const { AWS_LAMBDA_RUNTIME_API: host, LAMBDA_TASK_ROOT: folder } = process.env;
const api = `http://${host}/2018-06-01/runtime`;

interface Context {
  awsRequestId: string;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  getRemainingTimeInMillis(): number;
}

function report(path: string, error: unknown): Promise<Response> {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return fetch(`${api}/${path}`, {
    method: 'POST',
    headers: { 'lambda-runtime-function-error-type': `Runtime.${name}` },
    body: JSON.stringify({ errorType: name, errorMessage: message, stackTrace: stack?.split('\n') }),
  });
}

async function loadHandler(): Promise<(event: unknown, context: Context) => unknown> {
  const { handler }: { handler?: unknown } = await import(pathToFileURL(`${folder}/index.mjs`).href);
  if (typeof handler !== 'function') throw new Error('The bundle exports no function named handler.');
  return (event, context) => handler(event, context);
}

async function serveOne(handler: (event: unknown, context: Context) => unknown): Promise<void> {
  const next = await fetch(`${api}/invocation/next`);
  const header = (name: string) => next.headers.get(`lambda-runtime-${name}`) ?? '';
  const awsRequestId = header('aws-request-id');
  process.env._X_AMZN_TRACE_ID = header('trace-id');
  const deadline = Number(header('deadline-ms'));
  try {
    const answer = await handler(await next.json(), {
      awsRequestId,
      functionName: process.env.AWS_LAMBDA_FUNCTION_NAME ?? '',
      functionVersion: '$LATEST',
      invokedFunctionArn: header('invoked-function-arn'),
      memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
      getRemainingTimeInMillis: () => deadline - Date.now(),
    });
    await fetch(`${api}/invocation/${awsRequestId}/response`, {
      method: 'POST',
      body: JSON.stringify(answer ?? null),
    });
  } catch (error) {
    await report(`invocation/${awsRequestId}/error`, error);
  }
}

try {
  const handler = await loadHandler();
  for (;;) await serveOne(handler);
} catch (error) {
  await report('init/error', error);
  process.exitCode = 1;
}
