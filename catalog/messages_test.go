package catalog

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every message that tells of a problem stands in docs/catalog-problems.md, with what it means and what to do.
func TestEveryProblemIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "catalog-problems.md"))
	require.NoError(t, err)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	said := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			for _, message := range messagesIn(n, name) {
				said++
				if row := "| `" + message; !strings.Contains(string(page), row+"`") {
					t.Errorf("%s says %q, which is no row of docs/catalog-problems.md", name, message)
				}
			}
			return true
		})
	}
	require.Greater(t, said, 60, "the messages were found at all")
}

// messagesIn are the messages that a node gives, with … for what changes.
func messagesIn(n ast.Node, file string) []string {
	var at ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		at = messageOfCall(n, file)
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Message" {
			at = n.Value
		}
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			if to, ok := left.(*ast.SelectorExpr); ok && to.Sel.Name == "Message" && len(n.Rhs) == len(n.Lhs) {
				at = n.Rhs[i]
			}
		}
	}
	sum, isSum := at.(*ast.BinaryExpr) // "…: " + err.Error()
	if isSum {
		at = sum.X
	}
	text, ok := at.(*ast.BasicLit)
	if !ok || text.Kind != token.STRING {
		return nil
	}
	message, err := strconv.Unquote(text.Value)
	message = verbs.ReplaceAllString(message, "…")
	if isSum {
		message = strings.TrimSuffix(message, ": ")
	}
	if err != nil || strings.Trim(message, "…: ") == "" {
		return nil
	}
	return []string{message}
}

var verbs = regexp.MustCompile(`%[qsdvw]`)

// messageOfCall is the argument of a call that says what is wrong.
func messageOfCall(call *ast.CallExpr, file string) ast.Expr {
	of, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	who, _ := of.X.(*ast.Ident)
	place := -1
	switch of.Sel.Name {
	case "fail", "warn":
		place = map[string]int{"c": 2, "d": 1, "m": 1, "w": 0}[nameOf(who)]
	case "problem":
		place = 1
	case "Sprintf", "Errorf", "New":
		if told[file] && nameOf(who) != "" {
			place = 0
		}
	}
	if place < 0 || place >= len(call.Args) {
		return nil
	}
	return call.Args[place]
}

// told are the files whose errors become parts of problems.
var told = map[string]bool{"glob.go": true, "placeholder.go": true, "ref.go": true, "target.go": true, "reader.go": true, "read.go": true}

func nameOf(id *ast.Ident) string {
	if id == nil {
		return ""
	}
	return id.Name
}
