// Constants that build.mjs writes into the code. Settings of a site stand in site.json.

/** How this site is called from outside, where a quick exit leads, and which relay new personas use ('' : this origin). */
declare const SOTTO_SITE: {
  readonly name: string;
  readonly exitUrl: string;
  readonly relay: string;
  /** Link to the directory of rooms that this site suggests; '' for none. */
  readonly directory: string;
  /** Base64 of the public key (P-256, SPKI) under which the operator signs /helplines.json; '' for none. */
  readonly helplinesKey: string;
  readonly version: string;
};
/** Path of the worker's main file, which its first one loads. */
declare const SOTTO_WORKER_MAIN: string;
/** Paths of the files that its main file imports. */
declare const SOTTO_WORKER_PARTS: readonly string[];
/** Its WebAssembly; undefined where it is not fetched ahead. */
declare const SOTTO_WORKER_WASM: { readonly path: string; readonly integrity: string } | undefined;
/** Path of the worker's entry file. */
declare const SOTTO_WORKER_URL: string;
