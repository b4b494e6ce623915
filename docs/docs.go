// Package docs holds the files that users are meant to copy, so that what the documentation shows and what the demo
// company runs are one and the same.
package docs

import _ "embed"

//go:embed deploy-env.yml
var deployWorkflow []byte

// DeployWorkflow is the GitHub Actions workflow that creates and destroys environments at Bellhop's request. The caller
// owns the returned bytes.
func DeployWorkflow() []byte { return append([]byte(nil), deployWorkflow...) }
