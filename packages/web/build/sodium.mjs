// Makes libsodium fit for a browser that counts bytes: its WebAssembly becomes a file of its own (the package embeds it
// as base64 text, half as large again when compressed), fetched from this origin and checked against its hash, and only
// those of its 274 wrappers stay that the sources call, with the code below them. Part of build.mjs; whatever primitive
// stays, stays byte for byte (wasm-trim.mjs).
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { trimWasm } from './wasm-trim.mjs';

const repo = join(import.meta.dirname, '../../..');
/** The only places that may import libsodium (docs: one door to primitives per package). */
const doors = ['client-sdk/src/crypto', 'packages/ratchet/src/primitives'];

const WASM_TEXT = /"(AGFzbQ[A-Za-z0-9+/]+=*)"/;
const SIZE_LIST = /var (\w+)=(\["SODIUM_LIBRARY_VERSION_MAJOR"[^\]]*\]);for/;
const WRAPPER_LISTS = /for\(var (\w+)=(\["crypto_[^\]]*\]),(\w+)=\[([\w$,]+)\],(\w+)=0;/;

/** Names in the module's own JavaScript: `g._crypto_box=A.pd`. */
const EXPORT = /\b\w+\._(\w+)=\w+\.([\w$]+)/g;

/** The same where another follows, so that it can be left out. */
const ASSIGNMENT = /\bg\._(\w+)=A\.[\w$]+,/g;

/** C functions that the wrappers call: by name, or by the text of a constant's name. */
async function functionsBelow(wrappers) {
  const { code } = await transform(wrappers, { format: 'esm', treeShaking: true, loader: 'js' });
  const called = [...code.matchAll(/\._(\w+)/g)].map(([, name]) => name);
  const looked = [...code.matchAll(/"([A-Za-z]\w+)"/g)].map(([, name]) => name.toLowerCase());
  return new Set([...called, ...looked]);
}

/** @returns {Set<string>} names of libsodium functions that the sources call. */
export function calledFunctions() {
  return new Set(
    doorTexts().flatMap((text) => [...text.matchAll(/\bsodium\.([a-z]\w*)/g)].map(([, name]) => name)),
  );
}

function doorTexts() {
  return doors.flatMap((door) =>
    readdirSync(join(repo, door), { recursive: true })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(repo, door, file), 'utf8')),
  );
}

/** @returns {Set<string>} names of functions of libsodium's module that the sources call past the wrappers. */
export function calledDirectly() {
  return new Set(
    doorTexts().flatMap((text) => [...text.matchAll(/\._(crypto_\w+)\(/g)].map(([, name]) => name)),
  );
}

/** esbuild plugin. Fails the build where a new release of libsodium is shaped differently. */
export function sodium() {
  return {
    name: 'sodium',
    setup(build) {
      let wasm;
      let used;
      build.onLoad({ filter: /[\\/]libsodium[\\/]dist[\\/]modules-esm[\\/]libsodium\.mjs$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const [literal, base64] = WASM_TEXT.exec(source) ?? [];
        if (base64 === undefined || !source.includes('export default A;'))
          throw new Error('libsodium: no wasm');
        const whole = Buffer.from(base64, 'base64');
        if (!WebAssembly.validate(whole)) throw new Error('libsodium: wasm is damaged');
        const names = new Map([...source.matchAll(EXPORT)].map(([, name, exported]) => [exported, name]));
        if (names.size < 200 || used === undefined) throw new Error('libsodium: unknown shape');
        const known = new Set(names.values());
        const missing = [...calledDirectly()].filter((name) => !known.has(name));
        if (missing.length > 0) throw new Error(`libsodium: no ${missing.join(', ')}`);
        // What has no name is the module's own business and stays.
        wasm = trimWasm(whole, (exported) => used.has(names.get(exported) ?? 'malloc'));
        const integrity = `sha384-${createHash('sha384').update(wasm).digest('base64')}`;
        const glue = source
          .replace(literal, '""')
          .replace('export default A;', '')
          .replace(ASSIGNMENT, (text, name) => (used.has(name) ? text : ''));
        const contents = `${glue}
import file from 'sodium-wasm:libsodium.wasm';
const load = async () => {
  // The worker's first lines asked for it already (src/worker/start.ts).
  const ahead = await globalThis.sodiumAhead;
  const answer = ahead?.ok && !ahead.bodyUsed ? ahead : await fetch(new URL(file, import.meta.url), { integrity: ${JSON.stringify(integrity)}, credentials: 'same-origin' });
  if (!answer.ok) throw new Error('libsodium could not be loaded');
  const typed = answer.headers.get('content-type') === 'application/wasm';
  return typed ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
};
export default (options) => load().then((compiled) => A({
  ...options,
  instantiateWasm(imports, done) { WebAssembly.instantiate(compiled, imports).then((instance) => done(instance, compiled)); return {}; },
}));
`;
        return { contents, loader: 'js' };
      });
      build.onResolve({ filter: /^sodium-wasm:/ }, ({ path }) => ({
        path: path.slice('sodium-wasm:'.length),
        namespace: 'sodium-wasm',
      }));
      build.onLoad({ filter: /.*/, namespace: 'sodium-wasm' }, () => ({ contents: wasm, loader: 'file' }));
      build.onLoad({ filter: /[\\/]libsodium-wrappers\.mjs$/ }, async ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const [loop, names, list, functions, wrappers, index] = WRAPPER_LISTS.exec(source) ?? [];
        const [sizeLoop, sizes, sizeList] = SIZE_LIST.exec(source) ?? [];
        if (loop === undefined || sizeLoop === undefined)
          throw new Error('libsodium-wrappers: unknown shape');
        const all = JSON.parse(list);
        const locals = wrappers.split(',');
        if (all.length !== locals.length) throw new Error('libsodium-wrappers: lists of unequal length');
        const called = calledFunctions();
        const known = new Set([...all, ...JSON.parse(sizeList)]);
        const missing = [...called].filter((name) => name.startsWith('crypto_') && !known.has(name));
        if (missing.length > 0) throw new Error(`libsodium-wrappers: no ${missing.join(', ')}`);
        // Its own test at start calls some by name.
        for (const [, name] of source.matchAll(/\.(\w+)/g)) called.add(name);
        const kept = all.map((name, i) => [name, locals[i]]).filter(([name]) => called.has(name));
        const keptSizes = JSON.parse(sizeList).filter((name) => called.has(name));
        const trimmed = `for(var ${names}=${JSON.stringify(kept.map(([name]) => name))},${functions}=[${kept.map(([, local]) => local)}],${index}=0;`;
        const contents = source
          .replace(loop, () => trimmed)
          .replace(sizeLoop, () => `var ${sizes}=${JSON.stringify(keptSizes)};for`);
        used = new Set([...(await functionsBelow(contents)), ...calledDirectly()]);
        return { contents, loader: 'js' };
      });
    },
  };
}
