// The Process port: facts about this process and the machine it runs on, and the few programs of the system we call.

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Fault codes: `tool-missing`, `timed-out`. */
export interface Process {
  /** Runs a program without a shell, output bounded to 1 MiB, C locale. */
  run(
    program: string,
    args: readonly string[],
    options?: { readonly stdin?: string; readonly timeoutMs?: number },
  ): Promise<RunResult>;
  readonly pid: number;
  readonly isRoot: boolean;
  /** Only variables that Holdfast documents are ever asked for. */
  environment(name: string): string | undefined;
  /** Architecture as systemd names it (`x86-64`, `arm64`, …). */
  readonly architecture: string;
  readonly hostName: string;
  readonly kernelRelease: string;
  /** `undefined` when the machine of `--root` is not the one we run on. */
  bootId(): Promise<string | undefined>;
  reboot(): Promise<void>;
}
