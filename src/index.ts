/** What other programs may import. Frozen by a test: every name here is a promise. */
export {
  defineConfig,
  type CheckFunction,
  type DumpAnswer,
  type DumpEntry,
  type DumpFunction,
  type PowercutConfig,
  type RecoveredState,
  type RecoverFunction,
} from './config/config.ts';
export type { Finding } from './checks/finding.ts';
export type { Manifest } from './pipeline/manifest.ts';
export type { Report, RunReport } from './report/report.ts';
