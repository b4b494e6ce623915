package catalog

import "errors"

// Proposal is a change of one file that people decide about: a pull request.
type Proposal struct {
	Repository string // owner/repo
	// Base is the branch that is to have the change; empty is the repository's default branch.
	Base string
	// Path is the file, slash-separated from the repository's root. It may not exist yet.
	Path string
	// Edit makes the new content of what stands at Path in Base; of nil where there is no such file. Its error ends the
	// proposal and is given back as it is. It may be called more than once.
	Edit func(old []byte) ([]byte, error)
	// Branch is the branch to make. It is named for what the change does (`bellhop/owner-payments`), so that one who asks again
	// finds the pull request that is open already.
	Branch string
	Title  string
	Body   string // Markdown
}

// Proposed is where a proposal can be seen.
type Proposed struct {
	URL    string
	Number int
	// Found tells that it was open already.
	Found bool
}

// ErrNothingToPropose tells that the file already is as the edit would make it.
var ErrNothingToPropose = errors.New("the file is so already")
