// io.systemd.SysUpdate held against systemd 262 itself, and our own interface called by systemd's varlinkctl, with a real
// dbus-daemon and polkitd deciding. All of it runs in a root folder of Debian packages (varlink-inside.ts).
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, suite, test, type TestContext } from "node:test";
import { DebianError } from "../../src/adapter/debian/apt.ts";
import { ensurePackages } from "../../tools/toolbox/toolbox.ts";
import { MachineRoot, whyNoMachineRoot } from "./machine-root.ts";
import type { Seen } from "./varlink-inside.ts";
import { fatal, questions, type Scene } from "./varlink-questions.ts";

const packages =
  "bash coreutils dbus-daemon findutils grep libatomic1 libc-bin libcurl4t64 libstdc++6 mount polkitd sed systemd-container util-linux";
const checkout = join(import.meta.dirname, "../..");
/** Several times what it takes on two idle cores. */
const timeoutMs = 5 * 60_000;

let why: string | undefined;
let seen: Seen;

before(async () => {
  why = await whyNoMachineRoot();
  if (why !== undefined) return;
  const tree = await ensurePackages("forky", packages.split(" ")).catch((error: Error) => error);
  if (tree instanceof DebianError) {
    why = `the packages cannot be had: ${tree.message}`;
    return;
  }
  if (tree instanceof Error) throw tree;
  await using root = await MachineRoot.create([tree]);
  const { exitCode, output } = await root.run({
    command: [join(checkout, "node_modules/.bin/node"), join(import.meta.dirname, "varlink-inside.ts")],
    environment: { NODE_COMPILE_CACHE: "/run/compiled" },
    timeoutMs,
  });
  const found = /^SEEN (.*)$/m.exec(output)?.[1];
  assert.ok(found !== undefined, `exit code ${exitCode}:\n${output.slice(-4000)}`);
  seen = JSON.parse(found) as Seen;
});
after(() => undefined);

/** Skips where nothing was seen. */
function sees(title: string, look: () => void): void {
  test(title, (t: TestContext) => (why === undefined ? look() : t.skip(why)));
}

/** Features come in the order of a hash table there. */
function sorted(reply: string): unknown {
  const value = JSON.parse(reply) as { parameters?: { features?: { readonly id: string }[] } };
  value.parameters?.features?.sort((a, b) => (a.id < b.id ? -1 : 1));
  return value;
}

/** Without comments and empty lines; types, methods and errors by their names. */
function bare(reply: string): readonly string[] {
  const { parameters } = JSON.parse(reply.replace("\0", "")) as { parameters: { description: string } };
  const lines = parameters.description.split("\n").filter((line) => !/^\s*#/.test(line));
  return lines
    .join("\n")
    .split(/\n{2,}/)
    .map((part) => part.trim())
    .toSorted((a, b) => (a < b ? -1 : 1));
}

suite("io.systemd.SysUpdate beside systemd's own", () => {
  for (const scene of Object.keys(questions) as readonly Scene[]) {
    sees(`the answers are the same where ${scene}`, () => {
      const { real, own } = seen.scenes[scene];
      const asked = questions[scene];
      assert.deepEqual([real.length, own.length], [asked.length, asked.length]);
      for (const [at, question] of asked.entries())
        assert.deepEqual(sorted(own[at] ?? ""), sorted(real[at] ?? ""), JSON.stringify(question));
    });
  }

  sees("what is no call ends the connection without an answer", () => {
    for (const [at, bytes] of fatal.entries())
      assert.deepEqual(seen.fatal[at], { real: "", own: "" }, JSON.stringify(bytes));
  });

  sees("the definitions are the same but for their comments", () => {
    assert.deepEqual(bare(seen.descriptions.own), bare(seen.descriptions.real));
  });
});

const denied = /^Method call .* failed: Permission denied\nexit [1-9]/;
const wantsPassword = /^Method call .* failed: io\.systemd\.InteractiveAuthenticationRequired\nexit [1-9]/;

suite("varlinkctl, dbus-daemon and polkitd", () => {
  const expected: Readonly<Record<string, RegExp>> = {
    "without polkit, a user looks": denied,
    "without polkit, root looks": /^\{"entries":\[\]\}\nexit 0$/,
    "a user looks": /^\{"report":\{.*"onTrial":false,.*\}\}\nexit 0$/,
    "a user rolls back": wantsPassword,
    "a user rolls back, and may be asked": wantsPassword,
    "a user names a version": wantsPassword,
    "a user whom a rule forbids it looks": denied,
    "a process of another user than systemd noted": denied,
    "a process that is not there any more": denied,
    "nobody knows who": denied,
    "root asks what happened": /"event":"updated","version":"v2"/,
  };
  for (const [what, answer] of Object.entries(expected))
    sees(`${what}: as it has to be`, () => assert.match(seen.calls[what] ?? "", answer));

  sees("a user whom a rule allows it updates, and sees the progress", () => {
    // Each reply begins with a record separator (RFC 7464).
    const lines = (seen.calls["a user whom a rule allows it updates"] ?? "").replaceAll("\u001e", "").split("\n");
    assert.equal(lines.pop(), "exit 0");
    const last = JSON.parse(lines.pop() ?? "") as {
      readonly report: { readonly outcome: string; readonly to: string };
    };
    assert.deepEqual([last.report.outcome, last.report.to], ["done", "v2"]);
    const steps = lines.map(
      (line) => (JSON.parse(line) as { readonly progress: { readonly kind: string } }).progress.kind,
    );
    assert.deepEqual([steps[0], steps.includes("step-done")], ["step", true]);
  });
});

suite("docs/varlink.md", () => {
  sees("every example of the page works as it stands", () => {
    const examples = Object.entries(seen.documented);
    assert.ok(examples.length >= 9, String(examples.length));
    for (const [command, printed] of examples) assert.match(printed, /\nexit 0$/, `${command}:\n${printed}`);
    const answer = (method: string): string =>
      examples.find(([command]) => command.includes(`.${method} '`))?.[1] ?? "";
    assert.match(answer("CheckNew"), /"available":"v3"/);
    assert.match(answer("Plan"), /"outcome":"planned"/);
    assert.match(answer("Update"), /"outcome":"done"/);
  });
});
