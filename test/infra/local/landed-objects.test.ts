import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOCAL_ACCESS } from '../../../infra/local/engines/clients.ts';
import { type RunningFauxqs, startFauxqs } from '../../../infra/local/engines/fauxqs.ts';
import { LANDED_BUCKET, openLandedStore } from '../../../infra/local/engines/landed-store.ts';
import { StorageFullError, UploadGoneError } from '../../../shared/extracts/errors.ts';
import { type ObjectStore, readText, type Upload } from '../../../shared/extracts/object-store.ts';

const PART = 5 * 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;

let folder: string;
let engine: RunningFauxqs;
let store: ObjectStore;

async function start(): Promise<void> {
  engine = await startFauxqs({ landed: folder });
  store = await openLandedStore({ dynamodb: 'http://127.0.0.1:1', queues: engine.endpoint });
}

async function restart(): Promise<void> {
  await engine.stop();
  await start();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'landed-'));
  await start();
});
afterEach(async () => {
  await engine.stop();
  await rm(folder, { recursive: true });
});

const part = (number: number, fill: number, length = PART) => ({
  number,
  bytes: Buffer.alloc(length, fill),
});
const uploads = () => readdir(join(folder, '.uploads'));
const bodyOf = ({ uploadId }: Upload) => join(folder, '.uploads', uploadId, 'body');

describe('the objects of the S3 on this machine', () => {
  it('are plain files at the path that is their key, also after a restart', async () => {
    await store.put('a/b/c.txt', [Buffer.from('content')]);
    expect(await readFile(join(folder, 'a/b/c.txt'), 'utf8')).toBe('content');
    await restart();

    expect(await store.size('a/b/c.txt')).toBe(7);
    expect(await readText(store, 'a/b/c.txt')).toBe('content');
    expect(await store.folders('a/')).toEqual(['b']);
  });

  it('are listed without what else lies in their folders', async () => {
    await store.put('a/b/c.txt', [Buffer.from('x')]);
    await writeFile(join(folder, 'a/.DS_Store'), '');
    await symlink('b', join(folder, 'a/link'));

    expect(await store.folders('a/')).toEqual(['b']);
  });

  it('are gone when they are deleted, or were never there', async () => {
    await store.put('a/b.txt', [Buffer.from('x')]);
    for (const key of ['a/b.txt', 'a/b.txt', 'a/none']) {
      const url = `${engine.endpoint}/${LANDED_BUCKET}/${key}`;
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    }

    expect(await store.size('a/b.txt')).toBeUndefined();
  });

  it('answer a range of a file that no memory would hold', async () => {
    const size = 2 ** 40;
    await mkdir(join(folder, 'a'));
    const file = await open(join(folder, 'a/huge'), 'w');
    await file.write('the end', size - 7);
    await file.close();
    const s3 = new S3Client({ ...LOCAL_ACCESS, endpoint: engine.endpoint, forcePathStyle: true });
    const range = { Bucket: LANDED_BUCKET, Key: 'a/huge', Range: `bytes=${size - 3}-` };
    const { Body, ContentRange } = await s3.send(new GetObjectCommand(range));

    expect(ContentRange).toBe(`bytes ${size - 3}-${size - 1}/${size}`);
    expect(await Body?.transformToString()).toBe('end');
    expect(await store.size('a/huge')).toBe(size);
    s3.destroy();
  });

  it.each(['../outside', 'a/../../outside', '.uploads/x', 'a//b', 'a\\..\\b'])(
    'have no key such as %s',
    async (key) => {
      const url = `${engine.endpoint}/${LANDED_BUCKET}/${encodeURIComponent(key)}`;
      expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(400);
      expect((await fetch(url)).status).toBe(400);
      expect(await readdir(folder)).toEqual(['.uploads']);
      expect(existsSync(join(folder, '../outside'))).toBe(false);
    },
  );

  it('are those of one bucket', async () => {
    const answer = await fetch(`${engine.endpoint}/other/a`, { method: 'PUT', body: 'x' });
    expect(answer.status).toBe(404);
  });
});

describe('an upload to the S3 on this machine', () => {
  it('goes on after a restart', async () => {
    const upload = await store.startUpload('a/large');
    const first = await store.uploadPart(upload, part(1, 1));
    await restart();
    const tags = [first, await store.uploadPart(upload, part(2, 2, 3))];
    await store.completeUpload(upload, tags);

    expect(await store.size('a/large')).toBe(PART + 3);
    expect(await uploads()).toEqual([]);
  });

  it('goes on where the process died while a part was written, or noted', async () => {
    const upload = await store.startUpload('a/large');
    const tags = [await store.uploadPart(upload, part(1, 1)), await store.uploadPart(upload, part(2, 2))];
    await truncate(bodyOf(upload), PART + 5);
    const notes = join(folder, '.uploads', upload.uploadId, 'parts');
    await writeFile(notes, `${await readFile(notes, 'utf8')}\n3 52428`);
    await restart();

    await expect(store.completeUpload(upload, tags)).rejects.toThrow('not the parts');
    await expect(store.uploadPart(upload, part(3, 4))).rejects.toThrow(UploadGoneError);
    tags[1] = await store.uploadPart(upload, part(2, 3));
    tags[2] = await store.uploadPart(upload, part(3, 4, 1));
    await store.completeUpload(upload, tags);
    const bytes = Buffer.concat([part(1, 1).bytes, part(2, 3).bytes, part(3, 4, 1).bytes]);
    expect((await readFile(join(folder, 'a/large'))).equals(bytes)).toBe(true);
  });

  it('has to be begun again by whoever wants to go on behind its last part', async () => {
    const upload = await store.startUpload('a/large');
    await expect(store.uploadPart(upload, part(2, 2))).rejects.toThrow(UploadGoneError);
  });

  it('does not get in the way of another, of the same key neither', async () => {
    const [one, other] = [await store.startUpload('a/large'), await store.startUpload('a/large')];
    const [tagsOfOne, tagsOfOther] = [
      [await store.uploadPart(one, part(1, 1))],
      [await store.uploadPart(other, part(1, 2))],
    ];
    tagsOfOne.push(await store.uploadPart(one, part(2, 1, 4)));
    await store.completeUpload(one, tagsOfOne);
    expect(await store.size('a/large')).toBe(PART + 4);
    await store.completeUpload(other, tagsOfOther);

    expect((await readFile(join(folder, 'a/large'))).equals(part(1, 2).bytes)).toBe(true);
  });

  it('takes the larger parts of a very large file', async () => {
    const upload = await store.startUpload('a/large');
    await store.completeUpload(upload, [await store.uploadPart(upload, part(1, 1, 12 * 1024 * 1024))]);

    expect(await store.size('a/large')).toBe(12 * 1024 * 1024);
  });

  it('is refused at its end where its parts are others, or too small for S3', async () => {
    const upload = await store.startUpload('a/large');
    const tags = [
      await store.uploadPart(upload, part(1, 1, 9)),
      await store.uploadPart(upload, part(2, 2, 9)),
    ];
    await expect(store.completeUpload(upload, tags)).rejects.toThrow('smaller');
    await expect(store.completeUpload(upload, tags.toReversed())).rejects.toThrow('not the parts');
    expect(await store.size('a/large')).toBeUndefined();
  });

  it('leaves nothing behind when it is dropped, or the bytes of a file end in an error', async () => {
    const upload = await store.startUpload('a/large');
    await store.uploadPart(upload, part(1, 1));
    await store.dropUpload(upload);
    async function* cut() {
      yield Buffer.alloc(2 * PART);
      throw new Error('cut');
    }
    await expect(store.put('a/cut', cut())).rejects.toThrow('cut');

    expect(await readdir(folder)).toEqual(['.uploads']);
    expect(await uploads()).toEqual([]);
  });

  it('is removed at a start when nobody has gone on with it for a day', async () => {
    const [dead, alive] = [await store.startUpload('a/dead'), await store.startUpload('a/alive')];
    const longAgo = (Date.now() - DAY_MS - 1_000) / 1_000;
    await utimes(join(folder, '.uploads', dead.uploadId, 'parts'), longAgo, longAgo);
    await restart();

    expect(await uploads()).toEqual([alive.uploadId]);
    await expect(store.uploadPart(dead, part(1, 1))).rejects.toThrow(UploadGoneError);
  });

  it.skipIf(!existsSync('/dev/full'))('waits for room on a disk that is full', async () => {
    const upload = await store.startUpload('a/large');
    await rm(bodyOf(upload));
    await symlink('/dev/full', bodyOf(upload));
    await expect(store.uploadPart(upload, part(1, 1))).rejects.toThrow(StorageFullError);

    await rm(bodyOf(upload));
    await writeFile(bodyOf(upload), '');
    await store.completeUpload(upload, [await store.uploadPart(upload, part(1, 1))]);
    expect(await store.size('a/large')).toBe(PART);
  });
});
