import type { EngineAddresses } from './clients.ts';
import type { DynamoAnswer, DynamoRequest } from './dynalite.ts';

// What the thread of the engines and the thread that started it tell each other.

/** The first message, which has them start. */
export interface EngineFolders {
  dynamodb: string;
  queues: string;
  /** Landed extracts, as plain files. */
  landed: string;
}

export type ToEngines = { kind: 'request'; id: number; request: DynamoRequest } | { kind: 'stop' };

export type FromEngines =
  | { kind: 'answer'; id: number; answer: DynamoAnswer }
  | { kind: 'listening'; addresses: EngineAddresses }
  | { kind: 'stopped' };
