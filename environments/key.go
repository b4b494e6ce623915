package environments

import (
	"crypto/sha256"
	"strings"
)

// Key says which environment is meant: one per component and kind, and for previews one per ref.
type Key struct {
	Component string // the component's name
	Kind      string // the kind's name
	Ref       string // the branch, tag or commit of a preview; empty for shared kinds
}

const (
	// maxName is what a DNS label holds; names of environments end up in host names.
	maxName = 63
	// hashLetters is how many letters of a hash follow an altered name.
	hashLetters = 6
)

// String is the environment's name: also GitHub's, and the workflow's input. It consists of a to z, 0 to 9 and hyphens,
// begins and ends with a letter or digit, and is at most 63 long. Where the key's own words could not be kept as they
// are, six letters that depend on all of them follow, so that `fix/a` and `fix-a` are two environments.
func (k Key) String() string {
	plain := k.Component + "-" + k.Kind
	if k.Ref != "" {
		plain += "-" + k.Ref
	}
	name := strings.Trim(strings.Map(nameSign, plain), "-")
	if name == plain && len(name) <= maxName {
		return name
	}
	name = strings.TrimRight(name[:min(len(name), maxName-1-hashLetters)], "-")
	return strings.TrimLeft(name+"-"+k.hash(), "-")
}

// nameSign is what a name holds in place of r.
func nameSign(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return r
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	}
	return '-'
}

// hash is six letters made of the whole key.
func (k Key) hash() string {
	sum := sha256.Sum256([]byte(k.Component + "\x00" + k.Kind + "\x00" + k.Ref))
	letters := make([]byte, hashLetters)
	for i := range letters {
		letters[i] = 'a' + sum[i]%26
	}
	return string(letters)
}
