/**
 * What a store promises of an operation that it has acknowledged. `sync`: it survives any power cut from now on.
 * `group`: it may be lost until so many milliseconds have passed. `none`: it may be lost at any time.
 */
import { UsageError } from '../errors.ts';

export type DurabilityPromise =
  { readonly kind: 'sync' } | { readonly kind: 'group'; readonly withinMs: number } | { readonly kind: 'none' };

/** One promise for each class of operations; what has no class, or one that is not named, is of the class `default`. */
export type DurabilityContract = Readonly<Record<string, DurabilityPromise>>;

export const DEFAULT_CLASS = 'default';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/**
 * Texts such as `sync`, `group:100ms`, `none`, `cache=group:1s`; the last one for a class counts.
 * @throws UsageError for any other
 */
export function parseDurability(texts: readonly string[]): DurabilityContract {
  const contract: Record<string, DurabilityPromise> = { [DEFAULT_CLASS]: { kind: 'sync' } };
  for (const text of texts) {
    const match = /^(?:([^=\s]+)=)?(sync|none|group:(\d+(?:\.\d+)?)(ms|s|m))$/.exec(text.trim());
    if (!match) {
      throw new UsageError(
        `"${text}" is no durability promise: expected sync, none or group:100ms, with a class in front if wanted (cache=none)`,
      );
    }
    const [, name = DEFAULT_CLASS, promise, amount, unit] = match;
    contract[name] = amount
      ? { kind: 'group', withinMs: Number(amount) * UNIT_MS[unit!]! }
      : { kind: promise as 'sync' | 'none' };
  }
  return contract;
}

/** The class by which an operation is judged. */
export function classOf(contract: DurabilityContract, operation: { readonly class?: string }): string {
  const { class: name } = operation;
  return name !== undefined && Object.hasOwn(contract, name) ? name : DEFAULT_CLASS;
}

export function formatPromise(promise: DurabilityPromise): string {
  return promise.kind === 'group' ? `group <= ${promise.withinMs} ms` : promise.kind;
}
