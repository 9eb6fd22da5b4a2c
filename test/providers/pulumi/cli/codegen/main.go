// Generates the SDK of a package schema with Pulumi's own generators, as its language hosts do.
// usage: codegen python|nodejs|go SCHEMA FOLDER
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// The schema refers to no other package.
var none schema.ReferenceLoader = struct{ schema.ReferenceLoader }{}

func generate(language, path string) (map[string][]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return nil, err
	}
	pkg, problems, err := schema.BindSpec(spec, none, schema.ValidationOptions{})
	if err != nil {
		return nil, err
	}
	if problems.HasErrors() {
		return nil, problems
	}
	switch language {
	case "python":
		return python.GeneratePackage("fairlead", pkg, nil, none)
	case "nodejs":
		return nodejs.GeneratePackage("fairlead", pkg, nil, nil, false, none)
	case "go":
		return gogen.GeneratePackage("fairlead", pkg, nil)
	}
	return nil, fmt.Errorf("there is no generator for %s", language)
}

func main() {
	files, err := generate(os.Args[1], os.Args[2])
	for name, content := range files {
		path := filepath.Join(os.Args[3], name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o755)
		}
		if err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
