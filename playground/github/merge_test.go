package github

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMergeLines(t *testing.T) {
	const was = "kind: Component\nmetadata:\n  name: loyalty\nspec:\n  owner: storefront\n"
	for name, test := range map[string]struct {
		ours, theirs, want string // no want: a conflict
	}{
		"other lines": {"kind: Component\nmetadata:\n  name: loyalty\nspec:\n  owner: identity\n",
			"kind: Component\nmetadata:\n  links: []\n  name: loyalty\nspec:\n  owner: storefront\n",
			"kind: Component\nmetadata:\n  links: []\n  name: loyalty\nspec:\n  owner: identity\n"},
		"the same line differently": {"kind: Component\nmetadata:\n  name: loyalty\nspec:\n  owner: a\n",
			"kind: Component\nmetadata:\n  name: loyalty\nspec:\n  owner: b\n", ""},
		"the same line alike": {"kind: API\nmetadata:\n  name: loyalty\nspec:\n  owner: storefront\n",
			"kind: API\nmetadata:\n  name: loyalty\nspec:\n  owner: storefront\n", "kind: API\nmetadata:\n  name: loyalty\nspec:\n  owner: storefront\n"},
		"more at one end each":  {"# a\n" + was, was + "# b\n", "# a\n" + was + "# b\n"},
		"both at the same end":  {was + "# a\n", was + "# b\n", ""},
		"only one changed":      {was, "", ""},
		"a line of both is out": {"kind: Component\nspec:\n  owner: storefront\n", was + "x\n", "kind: Component\nspec:\n  owner: storefront\nx\n"},
		"binary":                {"\x00", was, ""},
	} {
		got, ok := mergeLines([]byte(was), []byte(test.ours), []byte(test.theirs))
		assert.Equal(t, test.want, string(got), name)
		assert.Equal(t, test.want != "" || test.theirs == "", ok, name)
	}
}

// Two pull requests of one file: what does not touch is put together, what does is refused.
func TestPullRequestsOfOneFile(t *testing.T) {
	p := start(t, "")
	push := func(branch, text string) {
		t.Helper()
		got := p.post("push", map[string]any{"repo": "acme/payments", "branch": branch, "from": "main", "files": map[string]any{"notes.txt": text}})
		require.Equal(t, true, got["ok"], got)
	}
	push("main", "one\ntwo\nthree\nfour\n")
	numbers := map[string]float64{}
	for branch, text := range map[string]string{"top": "ONE\ntwo\nthree\nfour\n", "end": "one\ntwo\nthree\nFOUR\n", "clash": "1\ntwo\nthree\nfour\n"} {
		push(branch, text)
		numbers[branch] = p.post("pull", map[string]any{"repo": "acme/payments", "head": branch})["number"].(float64)
	}
	merge := func(branch string) map[string]any {
		return p.post("pull", map[string]any{"repo": "acme/payments", "number": numbers[branch], "merge": true})
	}
	require.Equal(t, true, merge("top")["ok"])
	require.Equal(t, true, merge("end")["ok"])
	refused := merge("clash")
	assert.Equal(t, false, refused["ok"])
	assert.Contains(t, refused["error"], "it has conflicts with main")
	clash, _, err := p.client.PullRequests.Get(t.Context(), "acme", "payments", int(numbers["clash"]))
	require.NoError(t, err)
	assert.False(t, clash.GetMergeable())
	assert.False(t, clash.GetMerged())
	file, _, _, err := p.client.Repositories.GetContents(t.Context(), "acme", "payments", "notes.txt", nil)
	require.NoError(t, err)
	text, err := file.GetContent()
	require.NoError(t, err)
	assert.Equal(t, "ONE\ntwo\nthree\nFOUR\n", text)
}
