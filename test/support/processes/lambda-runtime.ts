import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What came of an invocation: what the handler answered, or how it failed. */
export type Outcome =
  | { kind: 'answered'; payload: unknown }
  | { kind: 'failed'; errorType: string; errorMessage: string; stackTrace: string };

export interface RunningFunction {
  invoke(event: unknown): Promise<Outcome>;
  /** Everything that the function wrote, a line each. */
  log(): string[];
  stop(): Promise<void>;
}

interface Invocation {
  event: unknown;
  settle: (outcome: Outcome) => void;
}

const BOOTSTRAP = fileURLToPath(new URL('./lambda-bootstrap.ts', import.meta.url));

/** A small Runtime API server for one function whose bundle lies in `folder`, and the function itself. */
export async function startLambda(options: {
  folder: string;
  environment: Record<string, string>;
  timeoutMs: number;
}): Promise<RunningFunction> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let idle: ServerResponse | undefined;
  let fault: Extract<Outcome, { kind: 'failed' }> | undefined;

  function handOut(): void {
    const invocation = idle && waiting.shift();
    if (!idle || !invocation) return;
    const requestId = randomUUID();
    running.set(requestId, invocation);
    idle.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + options.timeoutMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:local',
      'lambda-runtime-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0',
    });
    idle.end(JSON.stringify(invocation.event));
    idle = undefined;
  }

  function failAll(failure: Extract<Outcome, { kind: 'failed' }>): void {
    fault = failure;
    for (const { settle } of [...waiting.splice(0), ...running.values()]) settle(failure);
    running.clear();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    if (path === 'invocation/next') {
      idle = response;
      return handOut();
    }
    const body: unknown = JSON.parse((await text(request)) || 'null');
    response.writeHead(202).end();
    if (path === 'init/error') return failAll(failureIn(body));
    const [, requestId = '', kind] = path.split('/');
    const invocation = running.get(requestId);
    running.delete(requestId);
    invocation?.settle(kind === 'response' ? { kind: 'answered', payload: body } : failureIn(body));
  }

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The Runtime API has no port.');

  const child = startRuntime(options, `127.0.0.1:${address.port}`);
  const written = collect(child);
  child.once('exit', (code) => {
    failAll(
      fault ?? {
        kind: 'failed',
        errorType: 'Runtime.ExitError',
        errorMessage: `exit code ${code}`,
        stackTrace: '',
      },
    );
  });

  return {
    invoke: (event) =>
      fault === undefined
        ? new Promise((settle) => {
            waiting.push({ event, settle });
            handOut();
          })
        : Promise.resolve(fault),
    log: () => written.join('').split('\n'),
    async stop() {
      const exited = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
      child.kill();
      await exited;
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The process sees what Lambda would set, and nothing of this one. */
function startRuntime(
  options: { folder: string; environment: Record<string, string> },
  runtimeApi: string,
): ChildProcess {
  return spawn(process.execPath, ['--throw-deprecation', BOOTSTRAP], {
    cwd: options.folder,
    env: {
      PATH: process.env.PATH,
      TZ: ':UTC',
      LAMBDA_TASK_ROOT: options.folder,
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      AWS_LAMBDA_FUNCTION_NAME: 'local',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function collect(child: ChildProcess): string[] {
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => written.push(chunk));
  }
  return written;
}

function failureIn(body: unknown): Extract<Outcome, { kind: 'failed' }> {
  const { errorType, errorMessage, stackTrace = [] } = Object(body);
  return {
    kind: 'failed',
    errorType: String(errorType),
    errorMessage: String(errorMessage),
    stackTrace: String(stackTrace),
  };
}
