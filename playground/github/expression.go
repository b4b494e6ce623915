package github

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// value is what an expression gives: nil, bool, float64, string or object.
type value any

// object is a context such as inputs or github, or a part of one. Keys are lower case: GitHub ignores case here.
type object map[string]value

// expressionDepth is how deeply parentheses and operators may nest; GitHub has such a limit too.
const expressionDepth = 50

// status is what the status functions of a condition look at.
type status struct {
	failed    bool // something before has failed
	skipped   bool // a job that is needed was skipped, which is neither success nor failure
	cancelled bool
}

func (s status) success() bool { return !s.failed && !s.skipped && !s.cancelled }

// evaluate computes the expression between ${{ and }}.
func evaluate(text string, ctx object, st status) (value, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, ctx: ctx, st: st}
	v, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.pos < len(p.tokens) {
		return nil, fmt.Errorf("unexpected symbol: '%s'", p.tokens[p.pos].text)
	}
	return v, nil
}

// condition decides an `if`. Without a status function it holds only when nothing before has failed, as on GitHub.
func condition(text string, ctx object, st status) (bool, error) {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutPrefix(text, "${{"); ok && strings.HasSuffix(inner, "}}") && !strings.Contains(inner, "${{") {
		text = strings.TrimSuffix(inner, "}}")
	}
	if text == "" {
		return st.success(), nil
	}
	tokens, err := tokenize(text)
	if err != nil {
		return false, err
	}
	asksStatus := false
	for i, t := range tokens {
		if t.kind == tokenName && i+1 < len(tokens) && tokens[i+1].text == "(" {
			switch strings.ToLower(t.text) {
			case "success", "failure", "always", "cancelled":
				asksStatus = true
			}
		}
	}
	v, err := evaluate(text, ctx, st)
	if err != nil {
		return false, err
	}
	return truthy(v) && (asksStatus || st.success()), nil
}

// interpolate replaces each ${{ … }} in text.
func interpolate(text string, ctx object) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${{")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		inner, after, ok := strings.Cut(rest, "}}")
		if !ok {
			return "", errors.New("an expression is not closed: ${{" + rest)
		}
		v, err := evaluate(inner, ctx, status{})
		if err != nil {
			return "", err
		}
		b.WriteString(printed(v))
		text = after
	}
}

// printed is a value as GitHub prints it.
func printed(v value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	default:
		return "Object"
	}
}

func truthy(v value) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	default:
		return true
	}
}

// number is a value as GitHub compares it with one of another type.
func number(v value) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	case string:
		if strings.TrimSpace(v) == "" {
			return 0
		}
		if f, err := strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil {
			return f
		}
	}
	return math.NaN()
}

// equal compares as GitHub does: strings without regard to case, different types as numbers.
func equal(a, b value) bool {
	as, aok := a.(string)
	bs, bok := b.(string)
	if aok && bok {
		return strings.EqualFold(as, bs)
	}
	if a == nil && b == nil {
		return true
	}
	_, ao := a.(object)
	_, bo := b.(object)
	if ao || bo {
		return false
	}
	return number(a) == number(b)
}

type tokenKind int

const (
	tokenName tokenKind = iota
	tokenString
	tokenNumber
	tokenOperator
)

type token struct {
	kind tokenKind
	text string
}

func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func tokenize(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'':
			var b strings.Builder
			i++
			for {
				if i >= len(s) {
					return nil, errors.New("a string is not closed")
				}
				if s[i] == '\'' {
					if i+1 < len(s) && s[i+1] == '\'' { // '' is a quote inside a string
						b.WriteByte('\'')
						i += 2
						continue
					}
					i++
					break
				}
				b.WriteByte(s[i])
				i++
			}
			out = append(out, token{tokenString, b.String()})
		case c >= '0' && c <= '9' || (c == '-' || c == '.') && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' && (c == '-' || !lastIsName(out)):
			j := i + 1
			for j < len(s) && (isNameByte(s[j]) || s[j] == '.') {
				j++
			}
			out = append(out, token{tokenNumber, s[i:j]})
			i = j
		case isNameByte(c) && c != '-':
			j := i
			for j < len(s) && isNameByte(s[j]) {
				j++
			}
			out = append(out, token{tokenName, s[i:j]})
			i = j
		default:
			op := ""
			for _, candidate := range []string{"&&", "||", "==", "!=", "<=", ">=", "!", "<", ">", "(", ")", "[", "]", ".", ","} {
				if strings.HasPrefix(s[i:], candidate) {
					op = candidate
					break
				}
			}
			if op == "" {
				return nil, fmt.Errorf("unexpected symbol: '%c'", c)
			}
			out = append(out, token{tokenOperator, op})
			i += len(op)
		}
	}
	return out, nil
}

func lastIsName(tokens []token) bool {
	return len(tokens) > 0 && (tokens[len(tokens)-1].kind == tokenName || tokens[len(tokens)-1].text == "]")
}
