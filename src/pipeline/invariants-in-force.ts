import { INVARIANTS } from '../checks/invariants/registry.ts';
import type { Manifest } from './manifest.ts';
import type { ReplayOptions } from './options.ts';

/** Names of what every crash state is held to, the file system's promises first: a report says what has passed, too. */
export function invariantsInForce(options: ReplayOptions, { counts }: Manifest): string[] {
  const ofStore = storeInvariants(options, counts.operations !== undefined);
  return ['mounts', ...(options.fsck ? ['fsck-clean'] : []), 'kernel-quiet', ...ofStore];
}

type StoreOptions = Pick<ReplayOptions, 'recover' | 'dump' | 'check' | 'repeatRecovery'>;

/** What a store is held to where no disk was rebuilt for it. @param hasHistory there is one to hold a dump against */
export function storeInvariants({ recover, dump, check, repeatRecovery }: StoreOptions, hasHistory: boolean): string[] {
  const byHistory = dump !== undefined && hasHistory;
  const ofDump = INVARIANTS.map(({ name }) => name).filter((name) => {
    if (name === 'store-opens') return recover !== undefined || dump !== undefined;
    return name === 'recovery-repeats' ? dump !== undefined && repeatRecovery : byHistory;
  });
  return [...ofDump, ...(check !== undefined ? ['check'] : [])];
}
