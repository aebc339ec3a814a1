import { NumberedFiles } from './numbered-files.ts';
import { type TokenGeneration, type TokenVault, tokenGenerationFrom } from './token-vault.ts';

/** Tokens in a folder, one file for each generation, readable by their owner only. */
export class FileTokenVault implements TokenVault {
  readonly #files: NumberedFiles;

  constructor(folder: string) {
    this.#files = new NumberedFiles(folder, 'generation');
  }

  async read(): Promise<TokenGeneration | undefined> {
    const newest = await this.#files.newest();
    return newest && tokenGenerationFrom(newest.text, newest.path);
  }

  store(token: TokenGeneration): Promise<boolean> {
    return this.#files.add(token.generation, JSON.stringify(token));
  }
}
