export declare class RedisServer {
  readonly port: number;
  readonly dir: string;
  readonly url: string;
  readonly pid: number | undefined;
  settings: Record<string, string | number>;
  constructor(port: number, dir: string, settings: Record<string, string | number>);
  start(): Promise<this>;
  ask(...words: (string | number)[]): Promise<unknown>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export interface RedisGroup {
  readonly servers: readonly RedisServer[];
  /** For `--redis`. */
  readonly url: string;
  readonly dir: string;
  stop(): Promise<void>;
}

export declare function startRedis(
  settings?: Record<string, string | number>,
  onDisk?: string,
): Promise<RedisGroup>;
export declare function startRedisCluster(settings?: Record<string, string | number>): Promise<RedisGroup>;
