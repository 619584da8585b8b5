// Built-in check: what runs is what was installed: bytes against recorded digests, as far as they may have changed (P8).
import { Fault } from "../../../base/fault.ts";
import { instancesOf } from "../../../domain/situation.ts";
import { doubts } from "../../install/esp-guard.ts";
import { proveVersion } from "../../install/prove.ts";
import { readOsRelease } from "../../observe/identity.ts";
import { type BuiltInCheck, demandObserved, failed, passed, skipped } from "./health-check.ts";

/**
 * What kept its stamp since it was last read is believed, as everywhere; so a first boot reads what is on FAT, where
 * every mount gives new stamps, and no image. Nothing is written: the check must not need room or a lock.
 */
export const installation: BuiltInCheck = {
  name: "installation",
  timeMs: 60_000,
  run: async (context) => {
    const { session } = context;
    const observation = demandObserved(context);
    const { version, because } = observation.situation.running;
    if (version === undefined) {
      const image = (await readOsRelease(session))?.imageVersion;
      // A version whose own definitions do not know its files could never be updated or gone back from.
      return image === undefined ? skipped(`no version can be told: ${because}`) : failed(because);
    }
    if (!observation.situation.versions.has(version))
      return skipped(`nothing is recorded of version ${version}: it was here before Holdfast`);
    const began = session.machine.clock.elapsedMs();
    const proof = await proveVersion(session, observation, version, { adopt: false, save: false, changedOnly: true });
    const [doubt] = proof.damaged.length > 0 ? await doubts(session, observation) : [];
    // A power cut is not the version's fault, and what it left could not be mended in time.
    if (doubt !== undefined) return skipped(`the ESP is in doubt: ${doubt}`);
    if (proof.damaged.length > 0) return failed(proof.damaged.map(({ what, why }) => `${what}: ${why}`).join("; "));
    const parts = instancesOf(observation.situation, version).length;
    if (parts === 0)
      throw new Fault("no-parts", `Cannot find version ${version}: the definitions know none of its files`);
    const seconds = ((session.machine.clock.elapsedMs() - began) / 1000).toFixed(1);
    const read = `${(proof.checkedBytes / 1_048_576).toFixed(1)} MiB read in ${seconds} s`;
    const how = proof.checkedBytes === 0 ? "unchanged since they were last read" : read;
    return passed(`version ${version} is intact (${parts === 1 ? "1 part" : `${parts} parts`}, ${how})`);
  },
};
