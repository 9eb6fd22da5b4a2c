// The faults of the public OCI validation suite itself, each with its proof and its correction.
// Nothing here knows a runtime: every runtime is measured by the same corrected suite.

export interface Mend {
  /** Below the suite's folder; a correction that does not apply any more is an error. */
  file: string;
  from: string;
  to: string;
  why: string;
}

const PROGRAM = (name: string) => `validation/${name}/${name}.go`;
const END = "\n\tt.AutoPlan()\n}";

// These print what went wrong as a TAP diagnostic and count neither success nor failure, so that
// every runtime passes them, whatever it does.
const SILENT = [
  "hooks",
  "poststart",
  "poststart_fail",
  "poststop",
  "poststop_fail",
  "prestart",
  "prestart_fail",
].map((name) => ({
  file: PROGRAM(name),
  from: END,
  to: `\n\tt.Ok(err == nil, "${name}")\n${END}`,
  why: "prints a diagnostic instead of a verdict",
}));

export const MENDS: Mend[] = [
  ...SILENT,
  {
    file: "generate/generate.go",
    from: "Version:  rspec.Version,",
    to: 'Version:  "1.0.2",',
    why: "claims 1.3.0 for configurations of 1.0, which runtimes that end at 1.0 refuse (crun 1.8)",
  },
  {
    file: "validation/util/linux_resources_pids.go",
    from: "lpd.Limit == config.Linux.Resources.Pids.Limit",
    to: "*lpd.Limit == *config.Linux.Resources.Pids.Limit",
    why: "compares two pointers since runtime-spec 1.3 made the limit one, which is never true",
  },
  {
    file: PROGRAM("hooks"),
    from: "post-start1\\npost-start2\\npost-stop1\\npost-stop2\\n",
    to: "post-start1 called\\npost-start2 called\\n" + "post-stop1 called\\npost-stop2 called\\n",
    why: "expects another text than its own hooks write",
  },
  {
    file: PROGRAM("hooks"),
    from: "\n\tvar output string\n",
    to: "\n\tvar output string\n\tvar outputData []byte\n",
    why: "reads the hooks' output when the bundle that held it has been removed",
  },
  {
    file: PROGRAM("hooks"),
    from: "time.Second*10, time.Second)\n\t\t\treturn nil\n\t\t},\n\t}\n",
    to:
      "time.Second*10, time.Second)\n\t\t\treturn nil\n\t\t},\n" +
      "\t\tPostDelete: func(r *util.Runtime) (err error) {\n" +
      "\t\t\toutputData, err = os.ReadFile(output)\n\t\t\treturn err\n\t\t},\n\t}\n",
    why: "reads the hooks' output when the bundle that held it has been removed",
  },
  {
    file: PROGRAM("hooks"),
    from: "\toutputData, _ := os.ReadFile(output)\n",
    to: "",
    why: "reads the hooks' output when the bundle that held it has been removed",
  },
  {
    file: PROGRAM("hooks"),
    from: "} else {\n\t\tdiagnostic",
    to: "} else if err != nil {\n\t\tdiagnostic",
    why: "asks a nil error for its text where everything went well",
  },
  {
    file: PROGRAM("pidfile"),
    from: 'g.SetProcessArgs([]string{"true"})',
    to: 'g.SetProcessArgs([]string{"sleep", "30"})',
    why: "kills a process that has ended, and demands that this succeeds",
  },
  {
    file: PROGRAM("killsig"),
    from: "\t\t\t\terr = r.Kill(signal)\n",
    to: "\t\t\t\ttime.Sleep(time.Second)\n\t\t\t\terr = r.Kill(signal)\n",
    why: "signals a shell that may not have come to its trap yet",
  },
  {
    file: PROGRAM("misc_props"),
    from:
      "\tannotationConfig, err := util.GetDefaultGenerator()\n" +
      "\tif err != nil {\n\t\tutil.Fatal(err)\n\t}\n",
    to:
      "\tannotationConfig, err := util.GetDefaultGenerator()\n" +
      "\tif err != nil {\n\t\tutil.Fatal(err)\n\t}\n" +
      '\tannotationConfig.SetProcessArgs([]string{"true"})\n',
    why: "runs /runtimetest, which it never copied into the bundle",
  },
  {
    file: PROGRAM("process_capabilities_fail"),
    from: "err == nil {",
    to: "err != nil {",
    why: "runtime-spec 1.1 and later: an unknown capability is a warning, not an error",
  },
  {
    file: PROGRAM("start"),
    from: "util.SpecErrorOK(t, err == nil, specerror.NewError(specerror.StartWithProcUnsetGenError",
    to: "util.SpecErrorOK(t, err != nil, specerror.NewError(specerror.StartWithProcUnsetGenError",
    why: "its own words: start MUST generate an error if process was not set",
  },
];
