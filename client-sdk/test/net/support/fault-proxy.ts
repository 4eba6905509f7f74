// The fault proxy of scripts/faults, reached by its path: packages don't import scripts (docs/architecture.md).

export interface FaultLine {
  delayMs?: number;
  jitterMs?: number;
  bytesPerSecond?: number;
  pieceBytes?: number;
  mergeMs?: number;
  swallow?: boolean;
  stall?: boolean;
}

export interface FaultProxy {
  accepted: number;
  cuts: number;
  readonly port: number;
  readonly url: string;
  readonly open: number;
  lines(up: FaultLine, down?: FaultLine): void;
  clear(): void;
  halfOpen(direction?: 'both' | 'up' | 'down'): void;
  cut(how?: 'rst' | 'fin'): void;
  refuse(): void;
  cutAtRandom(range: { everyMs: [number, number] }): void;
  stopCutting(): void;
  close(): Promise<void>;
}

const path = new URL('../../../../scripts/faults/proxy/fault-proxy.mjs', import.meta.url).href;

export async function startFaultProxy(options: { port: number; seed?: number }): Promise<FaultProxy> {
  const module = (await import(path)) as {
    FaultProxy: { start(options: { port: number; seed?: number }): Promise<FaultProxy> };
  };
  return module.FaultProxy.start(options);
}
