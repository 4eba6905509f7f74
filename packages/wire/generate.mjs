// Makes src/generated/schema.gen.ts, the table that the frame codec walks, from sotto.proto: field numbers, names,
// kinds and enum words, nothing else (bounds are in src/bounds.ts). Run by hand after a change of the contract:
// `node packages/wire/generate.mjs`; `--check` only compares. test/schema.test.ts calls `generateSchema` too.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const protoPath = fileURLToPath(new URL('sotto.proto', import.meta.url));
const schemaPath = fileURLToPath(new URL('src/generated/schema.gen.ts', import.meta.url));

// Refusal codes read as error codes do; every other enum word is lower case with dashes.
const upperCaseEnums = new Set(['Refusal']);

/** @returns the text of schema.gen.ts for a contract given as text. */
export function generateSchema(protoText) {
  const { root } = protobuf.parse(protoText, { keepCase: false });
  const space = root.lookup('sotto.v1');
  space.resolveAll();
  const messages = space.nestedArray.filter((entry) => entry instanceof protobuf.Type);
  const enums = space.nestedArray.filter((entry) => entry instanceof protobuf.Enum);
  const lines = [
    '// Made by generate.mjs from sotto.proto: the shape of every message. Edit the contract, not this file.',
    '',
    '/** Enum words by wire value; index 0 is the unspecified value, which never goes over the wire. */',
    'export const enums = {',
    ...enums.map((entry) => `  ${entry.name}: ${JSON.stringify(enumWords(entry))},`),
    '} as const;',
    '',
    '/** Every message: its fields as [number, name, kind, repeated?], in number order. `body` members of a oneof come with `oneof`. */',
    'export const messages = {',
    ...messages.map((entry) => `  ${entry.name}: [${fields(entry).join(', ')}],`),
    '} as const;',
    '',
  ];
  return lines.join('\n');
}

function enumWords(entry) {
  const prefix = entry.name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase() + '_';
  const words = [];
  for (const [name, value] of Object.entries(entry.values)) {
    if (!name.startsWith(prefix)) throw new Error(`${name} doesn't start with ${prefix}`);
    const word = name.slice(prefix.length);
    words[value] =
      value === 0 ? '' : upperCaseEnums.has(entry.name) ? word : word.toLowerCase().replaceAll('_', '-');
  }
  for (let value = 0; value < words.length; value++)
    if (words[value] === undefined) throw new Error(`${entry.name} has a hole`);
  return words;
}

function fields(entry) {
  return [...entry.fieldsArray]
    .sort((a, b) => a.id - b.id)
    .map((field) => {
      const kind = field.resolvedType ? field.resolvedType.name : field.type;
      if (!field.resolvedType && !['uint32', 'bytes', 'bool'].includes(kind))
        throw new Error(`${entry.name}.${field.name}: the codec has no ${kind}`);
      const role = field.repeated
        ? 'repeated'
        : field.partOf && !field.partOf.isProto3Optional
          ? 'oneof'
          : 'single';
      return JSON.stringify([field.id, field.name, kind, role]);
    });
}

async function main() {
  const text = generateSchema(await readFile(protoPath, 'utf8'));
  if (!process.argv.includes('--check')) return writeFile(schemaPath, text);
  if ((await readFile(schemaPath, 'utf8')) !== text) {
    console.error(
      'src/generated/schema.gen.ts differs from sotto.proto: run node packages/wire/generate.mjs',
    );
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
