package catalog

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// ErrCannotEdit tells that a descriptor is written in a way that only a person can change it.
var ErrCannotEdit = errors.New("the descriptor is written in a way that I cannot change safely")

// ErrNotInFile tells that a file does not describe an entity.
var ErrNotInFile = errors.New("the file does not describe it")

// SetOwner gives a descriptor's file with another owner of one entity, and all else as it stands: comments, order, blanks.
func SetOwner(file []byte, of, owner Ref) ([]byte, error) {
	return editFile(file, of, []string{"spec", "owner"}, ownerText(of, owner))
}

// SetAnnotation gives a descriptor's file with an annotation of one entity set, and all else as it stands.
func SetAnnotation(file []byte, of Ref, key, value string) ([]byte, error) {
	return editFile(file, of, []string{"metadata", "annotations", key}, value)
}

// AddLink gives a descriptor's file with one more link of an entity, before the others, and all else as it stands.
func AddLink(file []byte, of Ref, link Link) ([]byte, error) {
	values := map[string]any{"url": link.URL}
	for key, value := range map[string]string{"title": link.Title, "icon": link.Icon, "type": link.Type} {
		if value != "" {
			values[key] = value
		}
	}
	return editFile(file, of, []string{"metadata", "links"}, values)
}

// ownerText is how a descriptor names its owner: as short as Backstage's defaults allow.
func ownerText(of, owner Ref) string {
	text := owner.Name
	namespace := of.Namespace
	if namespace == "" {
		namespace = DefaultNamespace
	}
	if !strings.EqualFold(owner.Namespace, namespace) {
		text = owner.Namespace + "/" + text
	}
	if !owner.Is(KindGroup) {
		text = strings.ToLower(owner.Kind) + ":" + text
	}
	return text
}

// editFile sets what stands at path in the document of one entity. A mapping is put in front of the list there. Only the lines
// of that value change, and the rest is proven to say what it said before.
func editFile(file []byte, of Ref, path []string, value any) ([]byte, error) {
	for _, chunk := range splitDocuments(file) {
		before, root, wrong := parseYAML(chunk.text, 1)
		document, _ := before.(map[string]any)
		if wrong != nil || !describes(document, of) {
			continue
		}
		if _, there := document[path[0]].(map[string]any); !there {
			return nil, fmt.Errorf("%w: it has no %s", ErrCannotEdit, path[0])
		}
		text, err := newEditor(chunk.text).set(root, path, value)
		if err != nil {
			return nil, err
		}
		after, _, wrong := parseYAML([]byte(text), 1)
		if wrong != nil || !reflect.DeepEqual(after, withValue(document, path, value)) {
			return nil, ErrCannotEdit
		}
		start := offsetOf(file, chunk.line)
		return slices.Concat(file[:start], []byte(text), file[start+len(chunk.text):]), nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNotInFile, of)
}

// offsetOf is where a line begins, counted from 1.
func offsetOf(file []byte, line int) int {
	offset := 0
	for i, b := range file {
		if line == 1 {
			break
		}
		if offset = i + 1; b == '\n' {
			line--
		}
	}
	return offset
}

// describes tells whether a document is of that entity.
func describes(document map[string]any, of Ref) bool {
	kind, _ := document["kind"].(string)
	metadata, _ := document["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	return Ref{kind, namespace, name}.String() == of.String()
}

// withValue is a copy of a document with the value at path.
func withValue(document map[string]any, path []string, value any) map[string]any {
	changed := map[string]any{}
	for k, v := range document {
		changed[k] = v
	}
	if len(path) > 1 {
		inner, _ := document[path[0]].(map[string]any)
		changed[path[0]] = withValue(inner, path[1:], value)
		return changed
	}
	if item, ok := value.(map[string]any); ok {
		list, _ := document[path[0]].([]any)
		value = append([]any{item}, list...)
	}
	changed[path[0]] = value
	return changed
}

// editor changes the text of one document by lines.
type editor struct {
	lines   []string // each with its end
	newline string
}

func newEditor(text []byte) *editor {
	e := &editor{lines: strings.SplitAfter(string(text), "\n"), newline: "\n"}
	if strings.HasSuffix(e.lines[0], "\r\n") {
		e.newline = "\r\n"
	}
	return e
}

// set writes a value at path below a mapping and gives the whole text.
func (e *editor) set(n *yaml.Node, path []string, value any) (string, error) {
	if n.Kind != yaml.MappingNode {
		return "", fmt.Errorf("%w: a mapping is expected in line %d", ErrCannotEdit, n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, child := n.Content[i], n.Content[i+1]
		if key.Value != path[0] || key.Kind != yaml.ScalarNode {
			continue
		}
		switch {
		case child.Kind == yaml.ScalarNode && child.Tag == "!!null" && child.Value == "":
			return e.fill(key, child, path[1:], value)
		case len(path) > 1:
			return e.set(child, path[1:], value)
		case child.Kind == yaml.SequenceNode:
			return e.prepend(child, value)
		}
		return e.replace(child, value)
	}
	return e.insert(n, path, value)
}

// replace puts one text in the place of another that stands in one line.
func (e *editor) replace(n *yaml.Node, value any) (string, error) {
	text, ok := value.(string)
	if !ok || n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return "", fmt.Errorf("%w: what stands in line %d is no simple text", ErrCannotEdit, n.Line)
	}
	line := e.lines[n.Line-1]
	start := column(line, n.Column)
	length := scalarLength(line[start:], n)
	if length < 0 {
		return "", fmt.Errorf("%w: the text in line %d goes over several lines", ErrCannotEdit, n.Line)
	}
	e.lines[n.Line-1] = line[:start] + inline(text) + line[start+length:]
	return e.text(), nil
}

// scalarLength is how much of a line a text takes; -1 where it goes on in the next.
func scalarLength(line string, n *yaml.Node) int {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(line); i++ {
			switch line[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
		return -1
	case n.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(line); i++ {
			if line[i] == '\'' {
				if i++; i >= len(line) || line[i] != '\'' {
					return i
				}
			}
		}
		return -1
	case strings.HasPrefix(line, n.Value):
		return len(n.Value)
	}
	return -1
}

// fill gives a key without a value what is to stand below it.
func (e *editor) fill(key, null *yaml.Node, path []string, value any) (string, error) {
	line := strings.TrimRight(e.lines[key.Line-1], "\r\n")
	if null.Anchor != "" || strings.TrimSpace(line) != key.Value+":" {
		return "", fmt.Errorf("%w: what stands in line %d is not empty", ErrCannotEdit, key.Line)
	}
	indent := key.Column - 1
	if text, simple := value.(string); simple && len(path) == 0 {
		e.lines[key.Line-1] = line + " " + inline(text) + e.newline
		return e.text(), nil
	}
	e.addBelow(key.Line, block(indent+2, path, value))
	return e.text(), nil
}

// insert adds a key to a mapping, before its first.
func (e *editor) insert(n *yaml.Node, path []string, value any) (string, error) {
	if n.Style&yaml.FlowStyle != 0 {
		text := flow(path, value)
		if len(n.Content) > 0 {
			text += ", "
		}
		return e.open(n, "{", text)
	}
	if len(n.Content) == 0 || n.Content[0].Kind != yaml.ScalarNode {
		return "", fmt.Errorf("%w: there is nothing to begin with in line %d", ErrCannotEdit, n.Line)
	}
	// A name comes first wherever there is one; what is new stands behind it.
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key, child := n.Content[i], n.Content[i+1]; key.Value == "name" && child.Kind == yaml.ScalarNode && child.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			e.addBelow(child.Line, block(key.Column-1, path, value))
			return e.text(), nil
		}
	}
	return e.before(n.Content[0], block(n.Content[0].Column-1, path, value))
}

// prepend adds an item to a list, before its first.
func (e *editor) prepend(n *yaml.Node, value any) (string, error) {
	item, ok := value.(map[string]any)
	if !ok {
		return "", fmt.Errorf("%w: a list stands in line %d", ErrCannotEdit, n.Line)
	}
	if n.Style&yaml.FlowStyle != 0 {
		text := flow(nil, item)
		if len(n.Content) > 0 {
			text += ", "
		}
		return e.open(n, "[", text)
	}
	first := n.Content[0]
	dash := strings.LastIndex(e.lines[first.Line-1][:column(e.lines[first.Line-1], first.Column)], "-")
	if dash < 0 || strings.TrimSpace(e.lines[first.Line-1][:dash]) != "" {
		return "", fmt.Errorf("%w: the list's first item is not where it is expected in line %d", ErrCannotEdit, n.Line)
	}
	return e.above(first.Line, asItem(dash, item)), nil
}

// open adds a text behind an opening bracket.
func (e *editor) open(n *yaml.Node, bracket, text string) (string, error) {
	line := e.lines[n.Line-1]
	at := column(line, n.Column)
	if !strings.HasPrefix(line[at:], bracket) {
		return "", fmt.Errorf("%w: no %s where it is expected in line %d", ErrCannotEdit, bracket, n.Line)
	}
	e.lines[n.Line-1] = line[:at+1] + text + line[at+1:]
	return e.text(), nil
}

// before adds lines above a key that begins its line.
func (e *editor) before(key *yaml.Node, lines []string) (string, error) {
	line := e.lines[key.Line-1]
	if strings.TrimSpace(line[:column(line, key.Column)]) != "" {
		return "", fmt.Errorf("%w: line %d begins with something else", ErrCannotEdit, key.Line)
	}
	return e.above(key.Line, lines), nil
}

// above adds lines above one and the comments that belong to it.
func (e *editor) above(line int, lines []string) string {
	for line > 1 && strings.HasPrefix(strings.TrimSpace(e.lines[line-2]), "#") {
		line--
	}
	e.addBelow(line-1, lines)
	return e.text()
}

// addBelow adds lines below one, 0 for the very beginning.
func (e *editor) addBelow(line int, lines []string) {
	for i := range lines {
		lines[i] += e.newline
	}
	if line > 0 && !strings.HasSuffix(e.lines[line-1], "\n") {
		e.lines[line-1] += e.newline
	}
	e.lines = slices.Insert(e.lines, line, lines...)
}

func (e *editor) text() string { return strings.Join(e.lines, "") }

// column is where a column of the parser's, which counts characters from 1, stands in a line.
func column(line string, n int) int {
	at := 0
	for ; n > 1 && at < len(line); n-- {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	return at
}

// block is a value under keys, in lines.
func block(indent int, path []string, value any) []string {
	var lines []string
	for i, key := range path {
		line := strings.Repeat(" ", indent+2*i) + inline(key) + ":"
		if text, simple := value.(string); simple && i == len(path)-1 {
			line += " " + inline(text)
		}
		lines = append(lines, line)
	}
	if item, ok := value.(map[string]any); ok {
		lines = append(lines, asItem(indent+2*len(path), item)...)
	}
	return lines
}

// asItem is a mapping as an item of a list, in lines.
func asItem(indent int, item map[string]any) []string {
	var lines []string
	for i, key := range itemKeys(item) {
		lead := "  "
		if i == 0 {
			lead = "- "
		}
		lines = append(lines, strings.Repeat(" ", indent)+lead+key+": "+inline(fmt.Sprint(item[key])))
	}
	return lines
}

// flow is a value under keys in one line, between brackets.
func flow(path []string, value any) string {
	text, simple := value.(string)
	if simple {
		text = inline(text)
	} else if item, ok := value.(map[string]any); ok {
		var pairs []string
		for _, key := range itemKeys(item) {
			pairs = append(pairs, key+": "+inline(fmt.Sprint(item[key])))
		}
		if text = "{" + strings.Join(pairs, ", ") + "}"; len(path) > 0 {
			text = "[" + text + "]"
		}
	}
	for i, key := range slices.Backward(path) {
		if text = inline(key) + ": " + text; i > 0 {
			text = "{" + text + "}"
		}
	}
	return text
}

// itemKeys are a link's keys, the address first.
func itemKeys(item map[string]any) []string {
	return slices.DeleteFunc([]string{"url", "title", "icon", "type"}, func(key string) bool { return item[key] == nil })
}

// inline is a text on one line, between quotes where it could be taken for something else.
func inline(text string) string {
	between := strings.ContainsAny(text, ",[]{}") // brackets, it would end there
	dumped, err := yaml.Dump(text)
	written := strings.TrimSuffix(string(dumped), "\n")
	if err != nil || between || strings.Contains(written, "\n") || strings.TrimSpace(text) != text {
		return doubleQuoted(text)
	}
	return written
}

// doubleQuoted is a text between double quotes, as JSON and YAML both read it.
func doubleQuoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
