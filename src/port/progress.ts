// The Progress port: typed events of long work, drawn as bars, lines or JSON Lines by whoever listens.

/** Where an update stands as one of its steps begins. */
export interface UpdateStanding {
  readonly version: string;
  readonly transfersDone: number;
  readonly transfersLeft: number;
  /** This step is the next transfer. */
  readonly transfers: boolean;
}

export type ProgressEvent =
  /** A step of the plan begins. `index` counts from 1; `totalBytes` when the step moves a known amount. */
  | {
      readonly kind: "step";
      readonly index: number;
      readonly count: number;
      readonly title: string;
      readonly totalBytes?: number;
      readonly update?: UpdateStanding;
    }
  | { readonly kind: "bytes"; readonly done: number; readonly total: number | undefined }
  | { readonly kind: "step-done"; readonly index: number; readonly count: number; readonly title: string }
  /** Something worth a line that is no failure: a retry, a resumed download, a repaired resource. */
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string };

export interface Progress {
  report(event: ProgressEvent): void;
}
