import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CheckResult, chooseChecks, judgeHealth } from "./health.ts";
import { judgeUnits, lastingUnits, onTheNetwork, parseUnits } from "./units.ts";

const result = (name: string, required: boolean, state: CheckResult["state"]): CheckResult => ({
  name,
  required,
  state,
  text: `${name} ${state}`,
  durationMs: 1,
});

test("every required check has to pass; one that has nothing to look at stands in no way, one that is wanted neither", () => {
  const table: readonly (readonly [readonly CheckResult[], string])[] = [
    [[], "good"],
    [[result("a", true, "passed"), result("b", true, "skipped"), result("c", false, "failed")], "good"],
    [[result("a", true, "passed"), result("b", true, "failed")], "bad b"],
    [[result("b", true, "failed"), result("c", true, "failed")], "bad b c"],
  ];
  for (const [results, expected] of table) {
    const { verdict, failed } = judgeHealth(results);
    assert.equal([verdict, ...failed.map(({ name }) => name)].join(" "), expected);
  }
});

test("a name in /etc masks the same one in /usr, a link to /dev/null switches it off, and required ones come first", () => {
  const folder = (path: string, required: boolean, ...names: readonly string[]) => ({
    folder: path,
    required,
    items: names.map((name) => ({ name: name.replace("!", ""), masked: name.startsWith("!") })),
  });
  const chosen = chooseChecks([
    folder("/etc/required.d", true, "20-b", "!30-c", ".hidden", "40-d~"),
    folder("/etc/wanted.d", false, "10-w"),
    folder("/usr/required.d", true, "10-a", "20-b", "30-c"),
    folder("/usr/wanted.d", false, "10-w", "20-b"),
  ]);
  assert.deepEqual(
    chosen.map(({ path, required }) => `${required ? "required" : "wanted"} ${path}`),
    [
      "required /usr/required.d/10-a",
      "required /etc/required.d/20-b",
      "wanted /etc/wanted.d/10-w",
      "wanted /usr/wanted.d/20-b",
    ],
  );
});

describe("failed units", () => {
  test("tell against a version only where they were fine under the last good one", () => {
    assert.deepEqual(judgeUnits(["a.service", "b.mount"], ["b.mount", "c.service"]), {
      regressed: ["b.mount"],
      others: ["c.service"],
    });
    assert.deepEqual(judgeUnits(undefined, ["c.service"]), { regressed: [], others: ["c.service"] });
  });

  test("that come and go with sessions, or are ours, tell nothing", () => {
    const passing = [
      "run-u12.service",
      "session-3.scope",
      "user@1000.service",
      "holdfast-boot.service",
      "systemd-coredump@1-2.service",
      "a b",
    ];
    assert.deepEqual(lastingUnits([...passing, "ssh.service", "ssh.service"]), ["ssh.service"]);
  });

  test("that are ordered by the network are told apart", () => {
    const text =
      "Id=ssh.service\nAfter=network.target sysinit.target\nBefore=shutdown.target multi-user.target\n\n" +
      "Id=mirror.service\nAfter=network-online.target\nBefore=\n\n" +
      "Id=systemd-networkd-wait-online.service\nAfter=systemd-networkd.service\nBefore=network-online.target\n";
    assert.deepEqual([...onTheNetwork(text)], ["mirror.service", "systemd-networkd-wait-online.service"]);
  });

  test("are read from what systemctl prints, with and without its mark", () => {
    const text =
      "  dev-vda1.device loaded active plugged QEMU\n● ssh.service loaded failed failed OpenBSD Secure Shell server\n" +
      "  gone.service not-found inactive dead gone.service\n* old.mount loaded failed failed /old\n\n";
    assert.deepEqual(parseUnits(text), { fine: ["dev-vda1.device"], failed: ["old.mount", "ssh.service"] });
  });
});
