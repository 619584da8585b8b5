import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseOsRelease } from "./os-release.ts";

test("an os-release file is read with both kinds of quotes", () => {
  const os = parseOsRelease(
    `# comment
ID=demo
  IMAGE_ID='demo-image'
IMAGE_VERSION="5"
PRETTY_NAME="Demo \\"5\\" costs \\$1 \\n"
BUILD_ID=a\\ b
VERSION_ID=
not an assignment
BROKEN="open
WORDS=two words
NAME='Don'\\''t'
`,
  );
  assert.equal(os.id, "demo");
  assert.equal(os.imageId, "demo-image");
  assert.equal(os.imageVersion, "5");
  assert.equal(os.prettyName, 'Demo "5" costs $1 \\n');
  assert.equal(os.buildId, "a b");
  assert.equal(os.name, "Don't");
  assert.equal("versionId" in os, false);
  assert.equal(os.all.get("VERSION_ID"), "");
  assert.equal(os.all.has("BROKEN"), false);
  assert.equal(os.all.has("WORDS"), false);
});

test("any text is an os-release file, and one without ID is linux", () => {
  assert.equal(parseOsRelease("").id, "linux");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.ok(parseOsRelease(`A=${text}`).id.length > 0);
    }),
  );
});
