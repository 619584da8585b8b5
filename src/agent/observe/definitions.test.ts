import assert from "node:assert/strict";
import { test } from "node:test";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { demandAllRead, type Definitions, readComponents, readDefinitions } from "./definitions.ts";
import type { Settings } from "../session.ts";

const transfer = (path: string, more = ""): string =>
  `[Transfer]\n${more}\n[Source]\nType=url-file\nPath=http://a.example/\nMatchPattern=os_@v\n[Target]\nType=regular-file\nPath=${path}\nMatchPattern=os_@v\n`;
const lib = "/usr/lib/sysupdate.d";
const etc = "/etc/sysupdate.d";

async function read(files: Readonly<Record<string, string>>, settings: Partial<Settings> = {}): Promise<Definitions> {
  return readDefinitions(sessionOn(bareWorld(files), settings).session);
}

async function paths(
  files: Readonly<Record<string, string>>,
  settings: Partial<Settings> = {},
): Promise<readonly string[]> {
  return (await read(files, settings)).enabled.map(({ id, target }) => `${id} ${target.path}`);
}

test("transfers come in the order of their names, whatever folder they are in", async () => {
  const files = {
    [`${lib}/20-b.transfer`]: transfer("/b"),
    [`${etc}/10-a.transfer`]: transfer("/a"),
    "/run/sysupdate.d/30-c.transfer": transfer("/c"),
    "/usr/local/lib/sysupdate.d/05-l.transfer": transfer("/l"),
  };
  assert.deepEqual(await paths(files), ["05-l /l", "10-a /a", "20-b /b", "30-c /c"]);
});

test("of two files of one name the first folder's counts: /etc, /run, /usr/local/lib, /usr/lib", async () => {
  const all = ["/usr/lib", "/usr/local/lib", "/run", "/etc"];
  const files: Record<string, string> = {};
  for (const folder of all) {
    files[`${folder}/sysupdate.d/a.transfer`] = transfer(folder);
    assert.deepEqual(await paths(files), [`a ${folder}`]);
  }
});

test("an empty file and a link to /dev/null mask what they cover, in the same order", async () => {
  const base = { [`${lib}/a.transfer`]: transfer("/a"), [`${lib}/b.transfer`]: transfer("/b") };
  assert.deepEqual(await paths({ ...base, [`${etc}/a.transfer`]: "" }), ["b /b"]);
  assert.deepEqual(await paths({ ...base, [`${etc}/a.transfer`]: "->/dev/null" }), ["b /b"]);
  assert.deepEqual(await paths({ ...base, [`${etc}/a.transfer`]: `->${lib}/b.transfer` }), ["a /b", "b /b"]);
});

test("drop-ins apply in the order of their names, from all folders, and can be masked", async () => {
  const drop = (path: string): string => `[Target]\nPath=${path}\n`;
  const base = {
    [`${lib}/a.transfer`]: transfer("/a"),
    [`${lib}/a.transfer.d/10.conf`]: drop("/ten"),
    [`${etc}/a.transfer.d/05.conf`]: drop("/five"),
  };
  assert.deepEqual(await paths(base), ["a /ten"]);
  assert.deepEqual(await paths({ ...base, [`${etc}/a.transfer.d/10.conf`]: drop("/local") }), ["a /local"]);
  assert.deepEqual(await paths({ ...base, [`${etc}/a.transfer.d/10.conf`]: "->/dev/null" }), ["a /five"]);
  assert.deepEqual(await paths({ ...base, [`${etc}/a.transfer.d/10.txt`]: drop("/no") }), ["a /ten"]);
});

test("a drop-in without its definition is no definition", async () => {
  await assert.rejects(paths({ [`${lib}/a.transfer.d/10.conf`]: transfer("/a") }), { code: "no-definitions" });
});

test("hidden files, folders and other suffixes are no definitions", async () => {
  const files = {
    [`${lib}/a.transfer`]: transfer("/a"),
    [`${lib}/.b.transfer`]: "nonsense",
    [`${lib}/c.transfer/x`]: "",
    [`${lib}/d.transfer~`]: "nonsense",
    [`${lib}/e.service`]: "nonsense",
  };
  assert.deepEqual(await paths(files), ["a /a"]);
});

test("legacy .conf is read only where there is no .transfer, and those not read are named", async () => {
  assert.deepEqual(await paths({ [`${lib}/a.conf`]: transfer("/a") }), ["a /a"]);
  const both = await read({ [`${lib}/a.conf`]: transfer("/a"), [`${etc}/b.transfer`]: transfer("/b") });
  assert.deepEqual(
    both.enabled.map(({ id }) => id),
    ["b"],
  );
  assert.deepEqual(both.unreadFiles, [`${lib}/a.conf`]);
  assert.deepEqual(both.maskedFiles, [`${lib}/a.conf`]);
  assert.throws(() => demandAllRead(both), {
    message: `Cannot update: ${lib}/a.conf is not read because of the .transfer files beside, and nothing else brings the same`,
    kind: "refused",
  });
  const twice = await read({ [`${lib}/a.conf`]: transfer("/b"), [`${etc}/b.transfer`]: transfer("/b") });
  assert.deepEqual([twice.unreadFiles, twice.maskedFiles], [[`${lib}/a.conf`], []]);
  demandAllRead(twice);
});

test("a feature switches transfers on and off, and a drop-in of the administrator switches the feature", async () => {
  const files = {
    [`${lib}/a.transfer`]: transfer("/a"),
    [`${lib}/b.transfer`]: transfer("/b", "Features=devel"),
    [`${lib}/devel.feature`]: "[Feature]\nDescription=Tools\nEnabled=no\n",
  };
  const off = await read(files);
  assert.deepEqual([off.enabled.map(({ id }) => id), off.disabled.map(({ id }) => id)], [["a"], ["b"]]);
  assert.deepEqual(
    off.features.map(({ id, enabled }) => [id, enabled]),
    [["devel", false]],
  );
  const on = await read({ ...files, [`${etc}/devel.feature.d/on.conf`]: "[Feature]\nEnabled=yes\n" });
  assert.deepEqual([on.enabled.map(({ id }) => id), on.disabled], [["a", "b"], []]);
});

test("specifiers stand for the machine's own values", async () => {
  const files = {
    "/etc/os-release": "IMAGE_VERSION=7\n",
    [`${lib}/a.transfer`]: transfer("/%a/%%", "ProtectVersion=%A"),
  };
  const [only] = (await read(files)).enabled;
  assert.deepEqual([only?.target.path, only?.protectVersions], ["/x86-64/%", ["7"]]);
});

test("a component and a named folder have definitions of their own", async () => {
  const files = {
    [`${lib}/a.transfer`]: transfer("/a"),
    "/usr/lib/sysupdate.app.d/b.transfer": transfer("/b"),
    "/srv/defs/c.transfer": transfer("/c"),
  };
  assert.deepEqual(await paths(files, { component: "app" }), ["b /b"]);
  assert.deepEqual(await paths(files, { definitionsFolder: "/srv/defs" }), ["c /c"]);
});

test("no definitions at all say where they were looked for", async () => {
  await assert.rejects(read({}, { component: "app" }), {
    code: "no-definitions",
    message:
      "Cannot find the component app: there are no definitions in /etc/sysupdate.app.d, /run/sysupdate.app.d, /usr/local/lib/sysupdate.app.d, /usr/lib/sysupdate.app.d",
  });
});

test("a bad definition names its file and line", async () => {
  await assert.rejects(
    read({ [`${lib}/a.transfer`]: "[Source]\nType=pigeon\n" }),
    /\/usr\/lib\/sysupdate\.d\/a\.transfer/,
  );
  await assert.rejects(read({ [`${lib}/a.transfer`]: "\xff".repeat(3_000_000) }), { code: "too-large" });
});

test("components are found by their folders, and can be switched off", async () => {
  const files = {
    [`${lib}/a.transfer`]: transfer("/a"),
    "/usr/lib/sysupdate.app.d/b.transfer": "",
    "/etc/sysupdate.app.d/c.transfer": "",
    "/run/sysupdate.extra.d/d.transfer": "",
    "/etc/sysupdate.conf": "",
  };
  const names = async (all: Readonly<Record<string, string>>): Promise<readonly unknown[]> => {
    const { host, components } = await readComponents(sessionOn(bareWorld(all)).session);
    return [host, components.filter(({ enabled }) => enabled).map(({ id }) => id)];
  };
  assert.deepEqual(await names(files), [true, ["app", "extra"]]);
  assert.deepEqual(await names({}), [false, []]);
  const off = { "/etc/sysupdate.extra.component": "[Component]\nEnabled=no\n" };
  assert.deepEqual(await names({ ...files, ...off }), [true, ["app"]]);
});
