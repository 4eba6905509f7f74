// The one function of hash-wasm that is used here. A file of its own, so that bundlers load it when a passphrase is
// first used, and leave the package's other hashes out.
export { argon2id } from 'hash-wasm';
