/** The few shapes that our schemas are made of. A description is for people who read the published file. */

export const text = (description: string) => ({ type: 'string', description }) as const;
export const count = (description: string) => ({ type: 'integer', minimum: 0, description }) as const;
export const milliseconds = (what: string) =>
  ({ type: 'number', minimum: 0, description: `${what}, milliseconds` }) as const;
export const arrayOf = <Items>(items: Items, description: string) => ({ type: 'array', items, description }) as const;

/** Every property is required unless it is named as optional. */
export function object<P extends Record<string, unknown>>(
  properties: P,
  description: string,
  optional: readonly string[] = [],
) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', description, properties, required, additionalProperties: false } as const;
}
