import type { RunReport } from '../report/report.ts';

/** One way to run the store: a file system with its options and, where several are compared, a kernel. */
export interface Mode {
  /** `ext4:data=journal`, or `xfs, kernel 6.1` where kernels were asked for. */
  readonly name: string;
  /** Canonical `--fs` text. */
  readonly filesystem: string;
  /** As given to `--kernel`. */
  readonly kernel?: string;
}

/** What the workload made the file system write, from `ready` (or the first entry) to the end of the log. */
export interface WriteCost {
  /** Acknowledgements. */
  readonly operations: number;
  /** Bytes written to the device. */
  readonly bytes: number;
  /** FLUSH and FUA writes. */
  readonly barriers: number;
}

/** What came of a mode: a run, or the reason why there is none. */
export type ModeRun =
  | {
      readonly mode: Mode;
      readonly run: RunReport;
      readonly cost: WriteCost;
      /** Release of the kernel that tried the states. */
      readonly replayKernel: string;
    }
  | { readonly mode: Mode; readonly obstacle: string };

/** The modes to compare: every file system on every kernel. @param kernels empty: the one that is chosen by itself */
export function modesOf(filesystems: readonly string[], kernels: readonly string[]): Mode[] {
  if (kernels.length === 0) return filesystems.map((filesystem) => ({ name: filesystem, filesystem }));
  return filesystems.flatMap((filesystem) =>
    kernels.map((kernel) => ({ name: `${filesystem}, kernel ${kernel}`, filesystem, kernel })),
  );
}
