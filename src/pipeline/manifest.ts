import { FUNCTION_PHASES, type FunctionPhase } from '../stores/store.ts';

/** `manifest.json` of a recording folder: a published format. Sizes are bytes, durations milliseconds. */
export interface Manifest {
  readonly formatVersion: 1;
  /** Name of the recording, and of its folder unless that was renamed. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly powercut: string;
  /** The kernel that recorded, and how it was run. */
  readonly kernel: string;
  readonly runner: string;
  readonly target: string;
  readonly filesystem: {
    /** As given to `--fs`. */
    readonly spec: string;
    readonly name: string;
    readonly mountOptions: readonly string[];
    readonly mkfs: readonly string[];
    readonly mkfsOutput: string;
  };
  readonly device: { readonly bytes: number; readonly sectorBytes: number };
  readonly commands: {
    readonly cwd: string;
    readonly setup?: readonly string[];
    readonly workload: readonly string[];
    readonly recover?: readonly string[];
    readonly dump?: readonly string[];
    readonly check?: readonly string[];
    /** Those of recover, dump and check that were functions of a configuration file: no words can call them again. */
    readonly functions?: readonly FunctionPhase[];
  };
  readonly counts: {
    readonly entries: number;
    readonly flushes: number;
    readonly fuas: number;
    readonly discards: number;
    readonly marks: number;
    readonly acknowledgements: number;
    /** Operations of the history; absent when the workload printed none. */
    readonly operations?: number;
    readonly logBytes: number;
  };
  /** Whether the workload said that its set-up was durable. */
  readonly ready: boolean;
  /** Present when writes failed while it was recorded. */
  readonly ioError?: {
    /** As given to `--io-error`. */
    readonly window: string;
    /** Flushes among them. */
    readonly failedWrites: number;
    /** How the workload ended, when it was not well. */
    readonly workloadEnd?: string;
  };
  /** Random text in the log's first and last mark: proof that the log is this run's. */
  readonly nonce: string;
  /** `log` is the file's sha256; the images' are over their non-zero 4096-byte blocks (docs/recording.md). */
  readonly sha256: {
    readonly log: string;
    readonly 'base.img': string;
    readonly 'final.img': string;
    /** Present when there is a history. */
    readonly 'history.jsonl'?: string;
  };
  readonly durationMs: number;
}

const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const words = { type: 'array', items: text } as const;
const digest = { type: 'string', pattern: '^[0-9a-f]{64}$' } as const;

const object = <P extends Record<string, unknown>>(properties: P, required: readonly (keyof P & string)[]) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export const MANIFEST_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:manifest:1',
  title: 'powercut recording manifest',
  ...object(
    {
      formatVersion: { const: 1 },
      id: text,
      createdAt: text,
      powercut: text,
      kernel: text,
      runner: text,
      target: text,
      filesystem: object({ spec: text, name: text, mountOptions: words, mkfs: words, mkfsOutput: text }, [
        'spec',
        'name',
        'mountOptions',
        'mkfs',
        'mkfsOutput',
      ]),
      device: object({ bytes: count, sectorBytes: { enum: [512, 4096] } }, ['bytes', 'sectorBytes']),
      commands: object(
        {
          cwd: text,
          setup: words,
          workload: words,
          recover: words,
          dump: words,
          check: words,
          functions: { type: 'array', items: { enum: FUNCTION_PHASES } },
        },
        ['cwd', 'workload'],
      ),
      counts: object(
        {
          entries: count,
          flushes: count,
          fuas: count,
          discards: count,
          marks: count,
          acknowledgements: count,
          operations: count,
          logBytes: count,
        },
        ['entries', 'flushes', 'fuas', 'discards', 'marks', 'acknowledgements', 'logBytes'],
      ),
      ready: { type: 'boolean' },
      ioError: object({ window: text, failedWrites: { type: 'integer', minimum: 1 }, workloadEnd: text }, [
        'window',
        'failedWrites',
      ]),
      nonce: text,
      sha256: object({ log: digest, 'base.img': digest, 'final.img': digest, 'history.jsonl': digest }, [
        'log',
        'base.img',
        'final.img',
      ]),
      durationMs: count,
    },
    [
      'formatVersion',
      'id',
      'createdAt',
      'powercut',
      'kernel',
      'runner',
      'target',
      'filesystem',
      'device',
      'commands',
      'counts',
      'ready',
      'nonce',
      'sha256',
      'durationMs',
    ],
  ),
};
