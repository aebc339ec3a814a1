import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, isThere, REPOSITORY, read, sourceFiles } from './source-files.ts';

const FILES_IN_A_ROOM = 15;

const page = read('docs/architecture.md');
const rooms = [...page.matchAll(/^\| `([a-z/-]+)\/` \| (.+) \|$/gm)].map(([, path = '', purpose = '']) => ({
  path,
  purpose,
}));
const floors = new Map(rooms.map(({ path }, floor) => [path, floor]));
const files = sourceFiles();

describe('The rooms of the architecture page', () => {
  it('are the folders that hold source files, each of them', () => {
    expect(rooms.map(({ path }) => path).toSorted()).toEqual([...new Set(files.map(dirname))].toSorted());
  });

  it('are said to be for the same thing by their README', () => {
    for (const { path, purpose } of rooms) {
      expect.soft(read(`${path}/README.md`).split('\n')[0], path).toBe(purpose);
    }
  });

  it('import only from themselves and from rooms above them in the table', () => {
    const downward = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => floorOf(target) > floorOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(downward).toEqual([]);
  });

  it(`have no more than ${FILES_IN_A_ROOM} files each`, () => {
    const crowded = rooms
      .map(({ path }) => path)
      .filter(
        (path) =>
          readdirSync(join(REPOSITORY, path), { withFileTypes: true }).filter((entry) => entry.isFile())
            .length > FILES_IN_A_ROOM,
      );
    expect(crowded).toEqual([]);
  });
});

describe('The architecture page', () => {
  it('names only files and folders that are there', () => {
    const named = [...page.matchAll(/`((?:shared|functions|infra|test|docs)\/[^`\s]*)`/g)].map(
      ([, path = '']) => path,
    );
    expect(named.filter((path) => !isThere(path))).toEqual([]);
  });
});

function floorOf(file: string): number {
  const floor = floors.get(dirname(file));
  if (floor === undefined) throw new Error(`${file} is in no room of docs/architecture.md`);
  return floor;
}
