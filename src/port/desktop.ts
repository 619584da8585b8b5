// The Desktop port: shows a message to the person at a screen.

export interface DesktopMessage {
  readonly summary: string;
  /** Plain text. */
  readonly body: string;
  /** It stays until somebody has seen it. */
  readonly urgent: boolean;
}

export type DesktopFaultCode = "no-desktop";

export interface Desktop {
  /** Throws a Fault `no-desktop` where nobody shows messages. */
  announce(message: DesktopMessage): Promise<void>;
}
