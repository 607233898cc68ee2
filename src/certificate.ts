/**
 * Why a disk with a given content can be what a power cut left: one claim for every write of the log, each with the rule
 * that allows it. A published format (docs/certificates.md): the planner makes it, findings carry it, and `powercut verify`
 * proves it from the log's bytes, without a line of the planner's.
 */
export interface Certificate {
  readonly formatVersion: 1;
  /** The crash state, as in `--state`. */
  readonly state: string;
  readonly log: CertifiedLog;
  /** Entries up to this one had been written; absent: none. */
  readonly crashPoint?: number;
  /** The first flush that lied; absent: none did. */
  readonly lyingFrom?: number;
  /** The mark behind which writes had failed, when anything younger is in the state or counts for it; absent: nothing is. */
  readonly ioErrorFrom?: number;
  /** The first flush or FUA write that had not completed when the power went; absent: the log ends before one. */
  readonly cutBefore?: number;
  /** The weakest thing to believe of the device. */
  readonly assumption: 'cache' | 'torn-512' | 'torn-4096' | 'lying-flush' | 'io-error';
  /** Together they name every write and discard of the log, each once. */
  readonly writes: readonly WriteClaim[];
}

/** Which log it is about. */
export interface CertifiedLog {
  /** Name of the recording. */
  readonly recording: string;
  /** Of the log file, in lower-case hex. */
  readonly sha256: string;
  readonly entries: number;
}

/**
 * The rules of a disk with a volatile cache:
 * - `covered-by-flush`: present, since the flush `barrier` had completed, the last one that had
 * - `fua`: present, since it is a FUA write that had completed
 * - `in-flight`: as the disk likes, since `barrier` had not completed: the flush behind it, or the FUA write itself
 * - `behind-barrier`: absent, since it stands behind `barrier`, which had not completed
 * - `discard-undefined`: a discard that changed nothing: nobody promises what it leaves
 * - `lying-flush`: as the disk likes, since the flush `barrier` lied, the last one that did
 */
export type LegalityRule =
  'covered-by-flush' | 'fua' | 'in-flight' | 'behind-barrier' | 'discard-undefined' | 'lying-flush';

/** First and last, both included. */
export type Span = readonly [first: number, last: number];

export interface WriteClaim {
  /** Log entries, ascending, apart from each other. Flushes and marks among them mean nothing. */
  readonly entries: readonly Span[];
  readonly disk: 'present' | 'absent' | 'torn';
  /** What of a torn write is there, in log sectors from its first; ascending, apart from each other. */
  readonly sectors?: readonly Span[];
  readonly rule: LegalityRule;
  /** A log entry; absent: there is none, or the rule needs none. */
  readonly barrier?: number;
}
