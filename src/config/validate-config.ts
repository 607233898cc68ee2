import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { didYouMean } from '../closest.ts';
import { UsageError } from '../errors.ts';
import { CONFIG_SCHEMA } from './config-schema.ts';
import { FUNCTION_PHASES } from '../stores/store.ts';
import type { PowercutConfig } from './config.ts';

const KEYS: readonly string[] = Object.keys(CONFIG_SCHEMA.properties);
const VALUE_LENGTH_MAX = 100;
const STANDS_FOR_A_FUNCTION = 'function';

let compiled: ValidateFunction | undefined;

/**
 * Holds a value to the configuration's schema.
 *
 * @param source where it comes from, for the message: a path
 * @throws UsageError with one line for each wrong place: JSON pointer, value, what was expected
 */
export function validateConfig(value: unknown, source: string): PowercutConfig {
  const validate = (compiled ??= new Ajv2020({ allErrors: true, verbose: true }).compile(CONFIG_SCHEMA));
  if (validate(withoutFunctions(value))) {
    return withoutSchemaKey(value as PowercutConfig & { $schema?: string });
  }
  const problems = describeProblems(validate.errors ?? [], value);
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  throw new UsageError(`${source} is not a valid configuration: ${count}\n${problems.join('\n')}`);
}

/** No schema can describe one; what it is and is not is told apart here. */
function withoutFunctions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const isOne = ([key, each]: [string, unknown]): boolean =>
    typeof each === 'function' && (FUNCTION_PHASES as readonly string[]).includes(key);
  return Object.fromEntries(
    Object.entries(value).map((entry) => (isOne(entry) ? [entry[0], STANDS_FOR_A_FUNCTION] : entry)),
  );
}

function withoutSchemaKey({ $schema: _address, ...config }: PowercutConfig & { $schema?: string }): PowercutConfig {
  return config;
}

/**
 * One line for each wrong place. ajv reports every branch of an `anyOf` besides the `anyOf` itself; to someone who wrote
 * `workers: "two"` only the option as a whole is of use, and its description says what it takes.
 */
function describeProblems(errors: readonly ErrorObject[], value: unknown): string[] {
  const problems = new Map<string, string>();
  for (const error of errors) {
    const [, key = ''] = error.instancePath.split('/');
    const unknownKey =
      error.keyword === 'additionalProperties' ? String(error.params['additionalProperty']) : undefined;
    const pointer = unknownKey === undefined ? deepestPointer(errors, key) : `/${escapePointer(unknownKey)}`;
    if (problems.has(pointer)) continue;
    problems.set(
      pointer,
      `  ${pointer === '' ? '(the whole file)' : pointer}: ${describe(key, unknownKey, valueAt(value, pointer))}`,
    );
  }
  return [...problems.values()];
}

function describe(key: string, unknownKey: string | undefined, value: unknown): string {
  const got = `got ${showValue(value)}`;
  if (unknownKey !== undefined) return `there is no such option, ${got}${didYouMean(unknownKey, KEYS)}`;
  const properties: Readonly<Record<string, { readonly description: string }>> = CONFIG_SCHEMA.properties;
  return `expected ${(properties[key] ?? CONFIG_SCHEMA).description}, ${got}`;
}

/** `/check/1` says more than `/check`, when one word of many is the wrong one. */
function deepestPointer(errors: readonly ErrorObject[], key: string): string {
  if (key === '') return '';
  const pointers = errors.map((error) => error.instancePath);
  const below = pointers.filter((pointer) => pointer.startsWith(`/${key}/`));
  return below[0] ?? `/${key}`;
}

function valueAt(value: unknown, pointer: string): unknown {
  let current = value;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return current;
}

const escapePointer = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** A module can hold what has no JSON: functions, bigints, circles. Their type says enough. */
function showValue(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value) as string | undefined;
  } catch {
    // A bigint or a circle.
  }
  text ??= typeof value;
  return text.length <= VALUE_LENGTH_MAX ? text : `${text.slice(0, VALUE_LENGTH_MAX - 3)}...`;
}
