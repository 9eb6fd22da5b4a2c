// Every stack of test/stacks on lab hosts: the share that works, and why the others do not.
import { StackLab } from "../stacks/run.ts";
import { stacks } from "../stacks/stack.ts";

/** `names` chooses stacks; all when there are none. */
export async function bench({ names = [] }: { names?: string[] } = {}): Promise<void> {
  const chosen = stacks().filter(({ name }) => names.length === 0 || names.includes(name));
  const lab = await StackLab.open(chosen);
  let works = 0;
  let done = 0;
  try {
    for (const stack of chosen) {
      const begin = Date.now();
      const failure = await lab.tryStack(stack);
      done += 1;
      const seconds = ((Date.now() - begin) / 1000).toFixed(1);
      if (failure === undefined) works += 1;
      console.log(`${failure === undefined ? "works" : "FAILS"} ${stack.name} (${seconds} s)`);
      if (failure !== undefined) console.log(failure.replace(/^/gm, "    ").slice(0, 4000));
    }
  } finally {
    const share = done === 0 ? 0 : Math.floor((100 * works) / done);
    console.log(`${works} of ${done} stacks work: ${share} % (aim 100)`);
    await lab.close();
  }
}
