// What every Volumes must do with a partition table, as tests (disk model, interfaces D.3). FAT volumes differ too much
// between worlds for one suite: the real ones are checked with real images, the simulated ones with the FAT model.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import { parseUuid } from "../base/ids.ts";
import type { DiskFile } from "./disk.ts";
import type { Volumes } from "./volumes.ts";

export interface VolumesFixture {
  readonly volumes: Volumes;
  /** A disk with a GPT: partition 1 of 4 MiB labelled "esp", 2 and 3 of 8 MiB labelled "os_1" and "_empty". */
  readonly device: string;
  /** A device or image without a partition table. */
  readonly blank: string;
  done(): Promise<void>;
}

const mebi = 1024 * 1024;

async function content(file: DiskFile): Promise<Uint8Array> {
  const whole = new Uint8Array(await file.size());
  assert.equal(await file.read(0, whole), whole.length);
  return whole;
}

export function volumesContract(name: string, make: () => Promise<VolumesFixture>): void {
  const check = (sentence: string, body: (volumes: Volumes, device: string, blank: string) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture.volumes, fixture.device, fixture.blank);
      } finally {
        await fixture.done();
      }
    });
  };

  describe(`${name} keeps the Volumes contract`, () => {
    check("a table is read, changed in one write, and nothing else in it moves", async (volumes, device) => {
      const before = await volumes.readTable(device);
      assert.equal(before.device, device);
      assert.deepEqual(
        before.partitions.map(({ number, label, sizeSectors }) => [
          number,
          label,
          sizeSectors * before.sectorSizeBytes,
        ]),
        [
          [1, "esp", 4 * mebi],
          [2, "os_1", 8 * mebi],
          [3, "_empty", 8 * mebi],
        ],
      );
      const changed = {
        type: parseUuid("acc5d1b2-70d6-4f4c-9d5e-0ba1b4c6d7e8"),
        uuid: parseUuid("11111111-2222-4333-8444-555555555555"),
        label: 'os "2" ä',
        attributes: (1n << 60n) | (1n << 63n),
      };
      await volumes.changeTable(device, [
        { number: 3, ...changed },
        { number: 2, label: "os_1b" },
      ]);
      const after = await volumes.readTable(device);
      const [esp, one, slot] = before.partitions;
      assert.deepEqual(after, { ...before, partitions: [esp, { ...one, label: "os_1b" }, { ...slot, ...changed }] });
    });

    check("a change that cannot be is refused whole", async (volumes, device) => {
      const before = await volumes.readTable(device);
      await assert.rejects(
        volumes.changeTable(device, [
          { number: 2, label: "x" },
          { number: 9, label: "y" },
        ]),
        (error: unknown) => error instanceof Fault,
      );
      await assert.rejects(
        volumes.changeTable(device, [{ number: 2, label: "x".repeat(37) }]),
        (error: unknown) => error instanceof Fault,
      );
      assert.deepEqual(await volumes.readTable(device), before);
    });

    check("a partition is a file of exactly its size and touches no other", async (volumes, device) => {
      const written = new Uint8Array(8 * mebi).map((_, index) => (index * 7919) >>> 7);
      const neighbours = async (): Promise<readonly Uint8Array[]> => {
        await using esp = await volumes.openPartition(device, 1, "read");
        await using one = await volumes.openPartition(device, 2, "read");
        return [await content(esp), await content(one)];
      };
      const before = await neighbours();
      {
        await using slot = await volumes.openPartition(device, 3, "modify");
        assert.equal(await slot.size(), 8 * mebi);
        await slot.write(0, written);
        await assert.rejects(slot.write(8 * mebi - 1, new Uint8Array(2)), { code: "no-space" });
        await assert.rejects(slot.truncate(1), (error: unknown) => error instanceof Fault);
        await slot.sync();
      }
      for (const mode of ["read", "medium"] as const) {
        await using slot = await volumes.openPartition(device, 3, mode);
        assert.deepEqual(await content(slot), written);
        assert.equal(await slot.read(8 * mebi, new Uint8Array(1)), 0);
        await assert.rejects(slot.write(0, new Uint8Array(1)), (error: unknown) => error instanceof Fault);
      }
      assert.deepEqual(await neighbours(), before);
      assert.equal((await volumes.readTable(device)).partitions.length, 3);
    });

    check("a partition or a table that is not there is a Fault", async (volumes, device, blank) => {
      await assert.rejects(volumes.openPartition(device, 7, "read"), { code: "io-error" });
      await assert.rejects(volumes.readTable(blank), { code: "no-partition-table" });
      await assert.rejects(volumes.readTable(`${blank}-none`), { code: "not-a-block-device" });
    });
  });
}
