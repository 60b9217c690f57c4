// Carries out the loads of xtask/probe as WebAssembly: `node probe.mjs MODULE.wasm [--once] [LOAD]`; with `--once` no heavy ones.
// A line a repetition, as `kubarium bench` prints them: name, CPU microseconds, those of the longest step and of the scheduler's
// steps, fingerprint, bytes of memory that it took.
// Measured is the program, not its compiler: code is optimised when it is first called, as a browser does with what it calls
// often, and what is measured has been done once before.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-liftoff');
const [path, ...words] = process.argv.slice(2);
const once = words.includes('--once');
const only = words.find((word) => word !== '--once');
const module = await WebAssembly.compile(readFileSync(path));
const microseconds = () => { const { user, system } = process.cpuUsage(); return user + system; };
const imports = { clock: { wall: () => performance.now() * 1000, cpu: microseconds } };
const text = ({ memory }, address, length) => new TextDecoder().decode(new Uint8Array(memory.buffer, address, length));

for (let load = 0, loads = 1; load < loads; load += 1) {
  // An instance of its own: memory that another load has given back would hide what this one takes.
  const { exports: probe } = await WebAssembly.instantiate(module, imports);
  loads = probe.loads();
  if (only ? only !== text(probe, probe.name_address(load), probe.name_length(load)) : once && probe.heavy(load)) continue;
  if (!once) {
    const { exports: rehearsal } = await WebAssembly.instantiate(module, imports);
    rehearsal.prepare(load);
    rehearsal.run(load, 0);
  }
  const name = text(probe, probe.name_address(load), probe.name_length(load));
  for (let round = 0; round < (once ? 1 : probe.repeat(load)); round += 1) {
    probe.prepare(load);
    const memory = probe.memory.buffer.byteLength;
    const start = microseconds();
    probe.run(load, round);
    const took = microseconds() - start;
    const steps = `${probe.longest_step()}\t${probe.scheduling()}`;
    const fingerprint = BigInt.asUintN(64, probe.fingerprint()).toString(16).padStart(16, '0');
    console.log(`${name}\t${took}\t${steps}\t${fingerprint}\t${probe.memory.buffer.byteLength - memory}`);
  }
}
