// The generated table is what sotto.proto says, and no field of it is without a bound.

import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { bounds, rules } from '../src/bounds.ts';
import { enums, messages } from '../src/generated/schema.gen.ts';
import { generateSchema } from '../generate.mjs';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const proto = read('../sotto.proto');

test('schema.gen.ts is made from sotto.proto', () => {
  expect(generateSchema(proto)).toBe(read('../src/generated/schema.gen.ts'));
});

test('a change of the contract changes the table, and what the codec can’t do is refused', () => {
  expect(generateSchema(proto.replace('uint32 credit = 2', 'uint32 credit = 5'))).not.toBe(
    generateSchema(proto),
  );
  expect(() => generateSchema(proto.replace('uint32 credit', 'string credit'))).toThrow('string');
  expect(() => generateSchema(proto.replace('RIGHT_WRITER = 3', 'RIGHT_WRITER = 9'))).toThrow('hole');
});

test('every field has a bound, and every bound a field', () => {
  for (const [message, fields] of Object.entries(messages)) {
    const bounded = Object.keys(bounds[message] ?? { '?': 0 });
    const needed = fields
      .filter(([, , kind, role]) => kind !== 'bool' && role !== 'oneof')
      .map(([, name]) => name);
    expect({ message, fields: bounded.sort() }).toEqual({ message, fields: [...needed].sort() });
  }
  expect(Object.keys(bounds).sort()).toEqual(Object.keys(messages).sort());
  expect(Object.keys(rules).filter((message) => !(message in messages))).toEqual([]);
});

test('tags fit the two bytes that the codec’s walk allows, in rising order', () => {
  for (const fields of Object.values(messages)) {
    const numbers: number[] = fields.map(([number]) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers.every((number) => number >= 1 && number < 2048)).toBe(true);
  }
  expect(Object.values(enums).map((words): string => words[0])).toEqual(Object.keys(enums).map(() => ''));
});
