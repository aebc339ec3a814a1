import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from '../../../infra/local/data/data-folder.ts';
import { DataFolderError, DataFolderInUseError } from '../../../infra/local/data/errors.ts';
import { openLocalStack, startLocalStack } from '../../../infra/local/engines/local-stack.ts';
import { queueUrls } from '../../../infra/local/engines/queues.ts';

let dataDir: string;
const cleanup: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-stack-'));
});
afterEach(async () => {
  for (const clean of cleanup.splice(0).reverse()) await clean();
  await rm(dataDir, { recursive: true, force: true });
});

const ITEM = { pk: { S: 'a' }, sk: { S: 'b' }, text: { S: 'kept' } };

/** A process that locks the data folder, stores an item, takes a message and tells, then waits to be killed. */
async function startChild() {
  const child = spawn(
    process.execPath,
    ['--throw-deprecation', join(import.meta.dirname, 'local-stack-child.ts'), dataDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  cleanup.push(async () => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe('the data folder', () => {
  it('is readable by its owner only, also when it was there before', async () => {
    const folder = join(dataDir, 'wide');
    await mkdir(folder, { mode: 0o755 });
    const locked = await lockDataFolder(folder);
    cleanup.push(() => locked.release());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(await locked.folderOf('live'))).mode & 0o777).toBe(0o700);
  });

  it('is locked against a second run, which is told who has it', async () => {
    const locked = await lockDataFolder(dataDir);
    cleanup.push(() => locked.release());
    await locked.announce({ pid: process.pid, kind: 'start', origin: 'sandbox' });
    await expect(lockDataFolder(dataDir)).rejects.toThrow(DataFolderInUseError);
    await expect(lockDataFolder(dataDir)).rejects.toThrow(`process ${process.pid}`);
  });

  it('can be locked again once it was released', async () => {
    await (await lockDataFolder(dataDir)).release();
    const again = await lockDataFolder(dataDir);
    expect(await again.folderOf('sandbox')).toContain(dataDir);
    await again.release();
  });

  it('is refused in one line where it cannot be written', async () => {
    await (await lockDataFolder(dataDir)).release();
    await expect(lockDataFolder(join(dataDir, 'lock', 'below'))).rejects.toThrow(DataFolderError);
    // Node's recursive mkdir never comes back here.
    await expect(lockDataFolder('/proc/none/below')).rejects.toThrow(DataFolderError);
  });
});

describe('a process that is killed', () => {
  it('leaves its records, its messages and no lock', async () => {
    const child = await startChild();
    await expect(lockDataFolder(dataDir)).rejects.toThrow(DataFolderInUseError);
    child.kill('SIGKILL');
    await once(child, 'exit');

    const locked = await lockDataFolder(dataDir);
    cleanup.push(() => locked.release());
    const stack = await startLocalStack(locked, 'sandbox');
    cleanup.push(() => stack.close());
    const stored = await stack.clients.dynamodb.send(
      new GetItemCommand({ TableName: 'State', Key: key(ITEM) }),
    );
    expect(stored.Item).toEqual(ITEM);
    // It was in hand when the process died, and is not hidden any more; it counts as never received.
    const { Messages } = await stack.clients.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrls(stack.addresses.queues).fetch,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    expect(Messages?.map((message) => message.Body)).toEqual(['in hand']);
    expect(Messages?.[0]?.Attributes?.ApproximateReceiveCount).toBe('1');
  });
});

describe('openLocalStack', () => {
  it('works on the engines of the process that runs', async () => {
    await startChild();
    const stack = await openLocalStack({ dataDir });
    cleanup.push(() => stack.close());
    expect(stack.origin).toBe('sandbox');
    const stored = await stack.clients.dynamodb.send(
      new GetItemCommand({ TableName: 'State', Key: key(ITEM) }),
    );
    expect(stored.Item).toEqual(ITEM);
  });

  it('refuses another origin than the one that runs', async () => {
    await startChild();
    await expect(openLocalStack({ dataDir, origin: 'live' })).rejects.toThrow(DataFolderInUseError);
  });

  it('starts engines of its own where nothing runs, on the origin last used', async () => {
    const first = await openLocalStack({ dataDir, origin: 'live-test' });
    await first.clients.dynamodb.send(new PutItemCommand({ TableName: 'State', Item: ITEM }));
    await first.close();
    const second = await openLocalStack({ dataDir });
    cleanup.push(() => second.close());
    expect(second.origin).toBe('live-test');
    const stored = await second.clients.dynamodb.send(
      new GetItemCommand({ TableName: 'State', Key: key(ITEM) }),
    );
    expect(stored.Item).toEqual(ITEM);
  });

  it('keeps the data of the origins apart', async () => {
    const sandbox = await openLocalStack({ dataDir, origin: 'sandbox' });
    await sandbox.clients.dynamodb.send(new PutItemCommand({ TableName: 'State', Item: ITEM }));
    await sandbox.close();
    const live = await openLocalStack({ dataDir, origin: 'live' });
    cleanup.push(() => live.close());
    const stored = await live.clients.dynamodb.send(
      new GetItemCommand({ TableName: 'State', Key: key(ITEM) }),
    );
    expect(stored.Item).toBeUndefined();
  });

  it('lets one command wait for another', async () => {
    const first = await openLocalStack({ dataDir });
    const order: string[] = [];
    const second = openLocalStack({ dataDir }).then((stack) => {
      order.push('second is open');
      return stack;
    });
    await first.clients.dynamodb.send(new ListTablesCommand({}));
    order.push('first has worked');
    await first.close();
    await (await second).close();
    expect(order).toEqual(['first has worked', 'second is open']);
  });

  it('keeps dead letters from one start to the next', async () => {
    const first = await openLocalStack({ dataDir });
    const url = (stack: typeof first) => queueUrls(stack.addresses.queues).fetchDeadLetters;
    await first.clients.sqs.send(new SendMessageCommand({ QueueUrl: url(first), MessageBody: 'dead' }));
    await first.close();
    const second = await openLocalStack({ dataDir });
    cleanup.push(() => second.close());
    const { Messages } = await second.clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: url(second) }));
    expect(Messages?.map((message) => message.Body)).toEqual(['dead']);
  });

  it('says where the engines of the running process are, readable by its owner only', async () => {
    const locked = await lockDataFolder(dataDir);
    cleanup.push(() => locked.release());
    await locked.announce({ pid: process.pid, kind: 'start', origin: 'sandbox' });
    const path = join(dataDir, 'running.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });
});

function key({ pk, sk }: typeof ITEM) {
  return { pk, sk };
}
