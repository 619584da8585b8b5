// A way to bring a machine from one image to the next, as the bench of deltas plays it: what its publisher runs, what its
// client keeps and runs. One file a program in `peer/`; ours are in `own/`.

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where a method works, for one pair. */
export interface Place {
  /** The two images, in the cache; nobody writes them. */
  readonly older: string;
  readonly newer: string;
  /** What the web server shows. */
  readonly served: string;
  /** What a client has that has the older image. */
  readonly client: string;
  /** The path of a program of the toolbox. */
  readonly tool: (program: string) => string;
}

export interface Method {
  readonly id: string;
  readonly title: string;
  /** Of the toolbox. */
  readonly programs: readonly string[];
  /** Sends the image as a whole as well, or needs a folder that holds it: not counted as growth of the store. */
  readonly payload?: RegExp;
  /** Some work on files that is nobody's, before all else. */
  prepare?(place: Place): Promise<void>;
  /** The publisher's work for the older release, and what the client kept of it. Not measured. */
  publishOlder(place: Place): readonly Command[];
  publishNewer(place: Place): readonly Command[];
  /** Makes the client fresh; not measured. Called before each update, and once with `url` before anything is published. */
  refresh?(place: Place, url: string): Promise<void>;
  update(place: Place, url: string): readonly Command[];
  /** What must be equal to the newer image afterwards. */
  result(place: Place): string;
}

export function command(program: string, ...args: readonly string[]): Command {
  return { program, args };
}

/** Several programs as one script, whose words `$1`, `$2`, ... are `words`. */
export function script(text: string, ...words: readonly string[]): Command {
  return { program: "sh", args: ["-e", "-c", text, "sh", ...words] };
}
