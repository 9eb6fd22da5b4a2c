// Words of Docker Compose that are no commands here.

/** Commands of Docker Compose that are not here, with what to do in their place. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  bridge: "There is nothing in its place.",
  commit: "Use fairlead docker --host HOST -- commit CONTAINER IMAGE.",
  export: "Use fairlead docker --host HOST -- export CONTAINER.",
  publish: "There is nothing in its place.",
  push: "Push the image with what built it.",
  watch: "Edit the files and run fairlead up: what changed is brought to the hosts.",
};
