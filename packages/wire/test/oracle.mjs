// A second implementation of the frames, for tests and vectors only: protobufjs reads sotto.proto itself and encodes.
// Shares no code with src/: what both agree on, another protobuf library will agree on too. It knows no bounds and
// isn't strict.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const protoText = readFileSync(new URL('../sotto.proto', import.meta.url), 'utf8');
const space = protobuf.parse(protoText).root.lookup('sotto.v1');
space.resolveAll();

/** @returns the message bytes of a flat frame, without length and padding. */
export function oracleEncode(message, flat) {
  const type = space.lookupType(message);
  return new Uint8Array(type.encode(type.fromObject(nest(type, flat))).finish());
}

/** @returns the flat frame that protobufjs sees in the message bytes; undefined where it sees none. */
export function oracleDecode(message, bytes) {
  const type = space.lookupType(message);
  try {
    return flatten(type, type.decode(bytes));
  } catch {
    return undefined;
  }
}

/** A whole frame of any size from message bytes. */
export function pad(message, size) {
  const frame = new Uint8Array(size);
  frame[0] = message.length >> 8;
  frame[1] = message.length & 0xff;
  frame.set(message, 2);
  return frame;
}

function nest(type, flat) {
  const out = {};
  for (const field of type.fieldsArray) {
    if (field.partOf) {
      if (flat.type === field.name) out[field.name] = nest(field.resolvedType, flat);
      continue;
    }
    const value = flat[field.name];
    // protobufjs writes what is set, also a default; proto3 leaves defaults out.
    if (value === undefined || value === 0 || value === false || value.length === 0) continue;
    out[field.name] = field.repeated ? value.map((item) => toWire(field, item)) : toWire(field, value);
  }
  return out;
}

function toWire(field, value) {
  if (field.resolvedType instanceof protobuf.Enum) return field.resolvedType.values[enumName(field, value)];
  return field.resolvedType ? nest(field.resolvedType, value) : value;
}

function enumName(field, word) {
  const prefix = field.resolvedType.name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_');
  return `${prefix}_${word}`.toUpperCase().replaceAll('-', '_');
}

function flatten(type, message) {
  let out = {};
  for (const field of type.fieldsArray) {
    const set = Object.hasOwn(message, field.name);
    const value = message[field.name];
    if (field.partOf) {
      if (set) out = { ...out, type: field.name, ...flatten(field.resolvedType, value) };
    } else if (field.repeated) out[field.name] = value.map((item) => fromWire(field, item));
    else if (set) out[field.name] = fromWire(field, value);
    else if (field.type === 'uint32') out[field.name] = 0;
    else if (field.type === 'bool') out[field.name] = false;
  }
  if (type.name === 'Stamp') out.path ??= new Uint8Array(0);
  return out;
}

function fromWire(field, value) {
  if (field.resolvedType instanceof protobuf.Enum) {
    const prefix = `${field.resolvedType.name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_`;
    const name = field.resolvedType.valuesById[value]?.slice(prefix.length) ?? `? ${value}`;
    return field.resolvedType.name === 'Refusal' ? name : name.toLowerCase().replaceAll('_', '-');
  }
  if (field.resolvedType) return flatten(field.resolvedType, value);
  return field.type === 'bytes' ? new Uint8Array(value) : value;
}
