// Prints what `docker compose config` prints for the same files, with Compose's own loader.
// The order of options is that of docker/compose v2's cmd/compose (ToProject and config).
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/pkg/kvfile"
)

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(v string) error { *l = append(*l, v); return nil }

func main() {
	var files, envFiles, profiles list
	flag.Var(&files, "f", "")
	flag.Var(&envFiles, "env-file", "")
	flag.Var(&profiles, "profile", "")
	name := flag.String("p", "", "")
	directory := flag.String("project-directory", "", "")
	format := flag.String("format", "yaml", "")
	flag.Parse()
	content, err := resolve(files, envFiles, profiles, *name, *directory, *format)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Stdout.Write(content)
}

func resolve(files, envFiles, profiles list, name, directory, format string) ([]byte, error) {
	dotenv.RegisterFormat("raw", raw)
	project, err := load(files, envFiles, profiles, name, directory)
	if err != nil {
		return nil, err
	}
	project = project.WithoutUnnecessaryResources()
	project, err = project.WithServicesEnvironmentResolved(true)
	if err != nil {
		return nil, err
	}
	if err := project.CheckContainerNameUnicity(); err != nil {
		return nil, err
	}
	var content []byte
	if format == "json" {
		content, err = project.MarshalJSON()
	} else {
		content, err = project.MarshalYAML()
	}
	return bytes.ReplaceAll(content, []byte("$"), []byte("$$")), err
}

func load(files, envFiles, profiles list, name, directory string) (*types.Project, error) {
	options, err := cli.NewProjectOptions(files,
		cli.WithInterpolation(true),
		cli.WithResolvedPaths(true),
		cli.WithNormalization(true),
		cli.WithConsistency(true),
		cli.WithDiscardEnvFile,
		cli.WithWorkingDirectory(directory),
		cli.WithOsEnv,
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithConfigFileEnv,
		cli.WithDefaultConfigPath,
		cli.WithEnvFiles(envFiles...),
		cli.WithDotEnv,
		cli.WithDefaultProfiles(profiles...),
		cli.WithName(name),
	)
	if err != nil {
		return nil, err
	}
	if len(options.ConfigPaths) == 0 {
		return nil, errors.New("no configuration file provided: not found")
	}
	return options.LoadProject(context.Background())
}

func raw(r io.Reader, filename string, vars map[string]string, lookup func(string) (string, bool)) error {
	lines, err := kvfile.ParseFromReader(r, lookup)
	if err != nil {
		return fmt.Errorf("failed to parse env_file %s: %w", filename, err)
	}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		vars[key] = value
	}
	return nil
}
