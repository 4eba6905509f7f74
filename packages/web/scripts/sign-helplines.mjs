// `node packages/web/scripts/sign-helplines.mjs FILE --key KEY`: judges an operator's helplines (docs/care.md) by the rules
// of every row and signs them. Makes the key where there is none, writes FILE.sig, prints what belongs into the site's
// settings as `helplinesKey`. Needs the compiled packages (`npm run build`).
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parsePack } from '@sotto/care';

const { values, positionals } = parseArgs({ options: { key: { type: 'string' } }, allowPositionals: true });
const [file] = positionals;
if (file === undefined || values.key === undefined) {
  console.error('usage: sign-helplines.mjs FILE --key KEY');
  process.exit(2);
}
const bytes = readFileSync(file);
const { version } = parsePack(bytes.toString('utf8'), new Date().toISOString().slice(0, 10));
if (!existsSync(values.key)) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(values.key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}
const key = createPrivateKey(readFileSync(values.key));
const signature = sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
writeFileSync(`${file}.sig`, `${signature.toString('base64')}\n`);
const helplinesKey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
console.log(JSON.stringify({ signed: `${file}.sig`, version, helplinesKey }, undefined, 2));
