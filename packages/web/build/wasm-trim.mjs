// Leaves out of a WebAssembly module the exports that nobody uses and the code that nothing can then reach. Such
// functions keep their place and type, and their body becomes one trap, so that nothing is renumbered and a mistake here
// would stop with an error instead of computing something else. What is reached stays byte for byte. Part of build.mjs.
// Spec: WebAssembly core specification 2.0, chapter 5 (binary format). What it doesn't know fails the build.

const SECTION = { type: 1, import: 2, function: 3, export: 7, start: 8, element: 9, code: 10 };
const FUNCTION_KIND = 0;
/** A body of three bytes: no locals, `unreachable`, `end`. */
const TRAP = Uint8Array.of(3, 0x00, 0x00, 0x0b);

class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte() {
    if (this.at >= this.bytes.length) throw new Error('wasm: cut short');
    return this.bytes[this.at++];
  }
  /** LEB128 of up to 64 bits; only the low 32 matter here. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
  numbers(count) {
    for (let left = count; left > 0; left--) this.number();
  }
  take(count) {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  name() {
    return new TextDecoder().decode(this.take(this.number()));
  }
  list(read) {
    return Array.from({ length: this.number() }, () => read(this));
  }
}

function leb(value) {
  const bytes = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.from([...bytes, value]);
}

function sectionsOf(wasm) {
  const reader = new Reader(wasm, 8);
  const sections = [];
  while (reader.at < wasm.length) {
    const start = reader.at;
    const id = reader.byte();
    const body = reader.take(reader.number());
    sections.push({ id, body, whole: wasm.subarray(start, reader.at) });
  }
  return sections;
}

/** Type indices of imported functions, in order. */
function readImports(reader) {
  return reader
    .list(() => {
      reader.name();
      reader.name();
      const kind = reader.byte();
      if (kind === FUNCTION_KIND) return reader.number();
      if (kind === 3) reader.take(2);
      else {
        if (kind === 1) reader.byte();
        reader.numbers((reader.byte() & 1) + 1);
      }
      return undefined;
    })
    .filter((type) => type !== undefined);
}

/** Functions in the table: to be had by every indirect call of their type. */
function readTabled(reader) {
  return reader
    .list(() => {
      if (reader.number() !== 0) throw new Error('wasm: an element segment of an unknown kind');
      for (let op = reader.byte(); op !== 0x0b; op = reader.byte()) reader.number();
      return reader.list(() => reader.number());
    })
    .flat();
}

/** Functions that a body calls, and types of which it calls one indirectly. */
function callsOf(body) {
  const reader = new Reader(body);
  const calls = { direct: [], types: [] };
  reader.list(() => {
    reader.number();
    reader.byte();
  });
  while (reader.at < body.length) {
    const op = reader.byte();
    if (op === 0x10) calls.direct.push(reader.number());
    else if (op === 0x11) {
      calls.types.push(reader.number());
      reader.number();
    } else skipOperands(reader, op);
  }
  return calls;
}

function skipOperands(reader, op) {
  if ((op >= 0x02 && op <= 0x04) || op === 0x0c || op === 0x0d || (op >= 0x20 && op <= 0x26)) reader.number();
  else if (op === 0x0e) reader.numbers(reader.number() + 1);
  else if (op >= 0x28 && op <= 0x3e) reader.numbers(2);
  else if (op >= 0x3f && op <= 0x42) reader.number();
  else if (op === 0x43) reader.take(4);
  else if (op === 0x44) reader.take(8);
  else if (op === 0xfc) {
    const extended = reader.number();
    // Saturating conversions, memory.init, memory.copy, memory.fill.
    const operands = extended <= 7 ? 0 : { 8: 2, 10: 2, 11: 1 }[extended];
    if (operands === undefined) throw new Error(`wasm: unknown instruction fc ${extended}`);
    reader.numbers(operands);
  } else if (!isPlain(op)) throw new Error(`wasm: unknown instruction ${op.toString(16)}`);
}

/** Without operands: control, drop, select, arithmetic, conversions, sign extension. */
function isPlain(op) {
  return [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b].includes(op) || (op >= 0x45 && op <= 0xc4);
}

/**
 * @param {Uint8Array} wasm
 * @param {(exported: string) => boolean} isUsed - Whether an exported function is called from outside.
 * @returns {Uint8Array} the module without the code that nothing reaches.
 */
export function trimWasm(wasm, isUsed) {
  const sections = sectionsOf(wasm);
  const reader = (id) => new Reader(sections.find((section) => section.id === id)?.body ?? Uint8Array.of(0));
  const types = reader(SECTION.type).list((type) => {
    if (type.byte() !== 0x60) throw new Error('wasm: an unknown type');
    return [type.list(() => type.byte()), type.list(() => type.byte())].join(' to ');
  });
  // Indirect calls compare types by what they are; by number is the same only where none stands twice.
  if (new Set(types).size !== types.length) throw new Error('wasm: a type stands twice');
  const imports = readImports(reader(SECTION.import));
  const typeOf = [...imports, ...reader(SECTION.function).list((types) => types.number())];
  const bodies = reader(SECTION.code).list((code) => code.take(code.number()));
  const tabled = readTabled(reader(SECTION.element));
  const exported = reader(SECTION.export)
    .list((one) => {
      const from = one.at;
      const [name, kind, index] = [one.name(), one.byte(), one.number()];
      return { name, kind, index, bytes: one.bytes.subarray(from, one.at) };
    })
    .filter(({ name, kind }) => kind !== FUNCTION_KIND || isUsed(name));

  const waiting = exported.filter(({ kind }) => kind === FUNCTION_KIND).map(({ index }) => index);
  if (sections.some(({ id }) => id === SECTION.start)) waiting.push(reader(SECTION.start).number());
  const reached = new Set();
  const calledTypes = new Set();
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    if (index < imports.length) continue;
    const { direct, types: indirect } = callsOf(bodies[index - imports.length]);
    waiting.push(...direct);
    for (const type of indirect) {
      if (calledTypes.has(type)) continue;
      calledTypes.add(type);
      waiting.push(...tabled.filter((tabledIndex) => typeOf[tabledIndex] === type));
    }
  }
  const kept = bodies.flatMap((body, i) =>
    reached.has(i + imports.length) ? [leb(body.length), body] : [TRAP],
  );
  const changed = new Map([
    [SECTION.export, Buffer.concat([leb(exported.length), ...exported.map(({ bytes }) => bytes)])],
    [SECTION.code, Buffer.concat([leb(bodies.length), ...kept])],
  ]);
  const parts = sections.flatMap(({ id, whole }) => {
    const body = changed.get(id);
    return body === undefined ? [whole] : [Uint8Array.of(id), leb(body.length), body];
  });
  const trimmed = Buffer.concat([wasm.subarray(0, 8), ...parts]);
  if (!WebAssembly.validate(trimmed)) throw new Error('wasm: trimming broke the module');
  return trimmed;
}
