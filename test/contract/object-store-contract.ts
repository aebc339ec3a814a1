import { expect, it } from 'vitest';
import { FileMissingError, UploadGoneError } from '../../shared/extracts/errors.ts';
import { type ObjectStore, readText } from '../../shared/extracts/object-store.ts';

const PART = 5 * 1024 * 1024;

async function read(store: ObjectStore, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(key)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What every object store does, whatever is behind it. `createStore` answers an empty one. */
export function defineObjectStoreContract(createStore: () => Promise<ObjectStore>): void {
  const part = (number: number, fill: number, length = PART) => ({
    number,
    bytes: Buffer.alloc(length, fill),
  });

  it('stores a small file, and replaces it', async () => {
    const store = await createStore();
    expect(await store.size('a/b/c.txt')).toBeUndefined();
    await store.put('a/b/c.txt', [Buffer.from('first')]);
    await store.put('a/b/c.txt', [Buffer.from('and then')]);

    expect(await store.size('a/b/c.txt')).toBe(8);
    expect(await readText(store, 'a/b/c.txt')).toBe('and then');
  });

  it('stores an empty file', async () => {
    const store = await createStore();
    await store.put('a/empty', [Buffer.alloc(0)]);

    expect(await store.size('a/empty')).toBe(0);
    expect(await read(store, 'a/empty')).toHaveLength(0);
  });

  it('stores a file as its bytes come', async () => {
    const store = await createStore();
    const chunks = Array.from({ length: 12 }, (_, index) => Buffer.alloc(PART / 5 + index, index));
    await store.put('a/medium', chunks);

    expect((await read(store, 'a/medium')).equals(Buffer.concat(chunks))).toBe(true);
  });

  it.each([0, 1, PART + 1, 2 * PART])(
    'keeps nothing of a file whose bytes end in an error after %i, and throws that error',
    async (bytes) => {
      const store = await createStore();
      const cut = new Error('cut');
      async function* ending() {
        yield Buffer.alloc(bytes);
        throw cut;
      }
      await expect(store.put('a/cut', ending())).rejects.toBe(cut);

      expect(await store.size('a/cut')).toBeUndefined();
      expect(await store.folders('a/')).toEqual([]);
    },
  );

  it('keeps the file that is there when one that is to replace it is cut', async () => {
    const store = await createStore();
    await store.put('a/file', [Buffer.from('first')]);
    async function* ending() {
      yield Buffer.from('and th');
      throw new Error('cut');
    }
    await expect(store.put('a/file', ending())).rejects.toThrow('cut');

    expect(await readText(store, 'a/file')).toBe('first');
  });

  it('takes the names that files of extracts may have', async () => {
    const store = await createStore();
    const key = 'a/Übersicht (1) + 2,3=4@x.csv';
    await store.put(key, [Buffer.from('x')]);

    expect(await store.size(key)).toBe(1);
    expect(await readText(store, key)).toBe('x');
  });

  it('says which file is missing', async () => {
    const store = await createStore();
    await expect(read(store, 'a/none.txt')).rejects.toThrow(FileMissingError);
  });

  it('makes a file of parts, which is not there before it is whole', async () => {
    const store = await createStore();
    const upload = await store.startUpload('a/large');
    const tags = [await store.uploadPart(upload, part(1, 1)), await store.uploadPart(upload, part(2, 2, 7))];
    expect(await store.size('a/large')).toBeUndefined();
    await store.completeUpload(upload, tags);

    expect(await store.size('a/large')).toBe(PART + 7);
    expect(
      (await read(store, 'a/large')).equals(Buffer.concat([part(1, 1).bytes, part(2, 2, 7).bytes])),
    ).toBe(true);
  });

  it('takes a part again, and keeps the later one', async () => {
    const store = await createStore();
    const { uploadId } = await store.startUpload('a/large');
    const upload = { key: 'a/large', uploadId };
    await store.uploadPart(upload, part(1, 1));
    await store.uploadPart(upload, part(2, 2, 9));
    const tags = [await store.uploadPart(upload, part(1, 3)), await store.uploadPart(upload, part(2, 4, 4))];
    await store.completeUpload(upload, tags);

    expect(
      (await read(store, 'a/large')).equals(Buffer.concat([part(1, 3).bytes, part(2, 4, 4).bytes])),
    ).toBe(true);
  });

  it('knows an upload no more that was dropped; dropping it twice is no error', async () => {
    const store = await createStore();
    const upload = await store.startUpload('a/large');
    const tag = await store.uploadPart(upload, part(1, 1));
    await store.dropUpload(upload);
    await store.dropUpload(upload);

    await expect(store.uploadPart(upload, part(2, 2))).rejects.toThrow(UploadGoneError);
    await expect(store.completeUpload(upload, [tag])).rejects.toThrow(UploadGoneError);
    expect(await store.size('a/large')).toBeUndefined();
  });

  it('lists the names directly under a prefix that have something under them, in order', async () => {
    const store = await createStore();
    for (const key of ['x/b/1.txt', 'x/a/1.txt', 'x/a/deep/2.txt', 'x/file.txt', 'xy/c/1.txt']) {
      await store.put(key, [Buffer.from('x')]);
    }

    expect(await store.folders('x/')).toEqual(['a', 'b']);
    expect(await store.folders('nothing/')).toEqual([]);
  });
}
