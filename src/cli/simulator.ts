// The simulator as `holdfast simulate` uses it; no other command loads it.
export { readDefinitionFiles } from "../sim/own-machine/definition-files.ts";
export { simulationJunit } from "../sim/own-machine/junit-cases.ts";
export { parseLayout } from "../sim/own-machine/layout-file.ts";
export { machineShape } from "../sim/own-machine/machine-shape.ts";
export { repositorySizes } from "../sim/own-machine/repository-sizes.ts";
export { simulate } from "../sim/own-machine/simulate.ts";
