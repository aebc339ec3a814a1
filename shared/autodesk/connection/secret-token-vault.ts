import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type TokenGeneration, type TokenVault, tokenGenerationFrom } from './token-vault.ts';

/** Tokens in one secret, each generation a version of it. */
export class SecretTokenVault implements TokenVault {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;

  constructor(client: SecretsManagerClient, secretId: string) {
    this.#client = client;
    this.#secretId = secretId;
  }

  async read(): Promise<TokenGeneration | undefined> {
    try {
      const { SecretString: text } = await this.#client.send(
        new GetSecretValueCommand({ SecretId: this.#secretId }),
      );
      if (text === undefined || !holdsGeneration(text)) return undefined;
      return tokenGenerationFrom(text, 'The token secret');
    } catch (error) {
      // A secret that has no value yet.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }

  /**
   * Secrets Manager takes one content only for each request token. As the token is made of the generation, the
   * first of two writers of a generation wins. Versions are kept for a day at least, so a writer that is later
   * than that is the one case left to the comparison with the newest generation.
   */
  async store(token: TokenGeneration): Promise<boolean> {
    const newest = await this.read();
    if (token.generation !== (newest?.generation ?? 0) + 1) return false;
    try {
      await this.#client.send(
        new PutSecretValueCommand({
          SecretId: this.#secretId,
          SecretString: JSON.stringify(token),
          ClientRequestToken: `buildingconnected-token-${String(token.generation).padStart(12, '0')}`,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ResourceExistsException) return false;
      throw error;
    }
  }
}

/** CDK fills a new secret with a random text; what does not claim to be a generation is no token yet. */
function holdsGeneration(text: string): boolean {
  return text.includes('"generation"');
}
