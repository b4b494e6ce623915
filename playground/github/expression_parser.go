package github

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxText is how long a text made by format may be: calls within calls grow fast.
const maxText = 64 << 10

// parser evaluates while it reads: expressions are short and have no side effects, so both sides of && and || may be
// computed.
type parser struct {
	tokens []token
	pos    int
	depth  int
	ctx    object
	st     status
}

func (p *parser) operator(texts ...string) (string, bool) {
	if p.pos < len(p.tokens) && p.tokens[p.pos].kind == tokenOperator {
		for _, t := range texts {
			if p.tokens[p.pos].text == t {
				p.pos++
				return t, true
			}
		}
	}
	return "", false
}

func (p *parser) or() (value, error) {
	left, err := p.and()
	for err == nil {
		if _, ok := p.operator("||"); !ok {
			return left, nil
		}
		var right value
		if right, err = p.and(); err == nil && !truthy(left) {
			left = right
		}
	}
	return nil, err
}

func (p *parser) and() (value, error) {
	left, err := p.comparison()
	for err == nil {
		if _, ok := p.operator("&&"); !ok {
			return left, nil
		}
		var right value
		if right, err = p.comparison(); err == nil && truthy(left) {
			left = right
		}
	}
	return nil, err
}

func (p *parser) comparison() (value, error) {
	left, err := p.unary()
	for err == nil {
		op, ok := p.operator("==", "!=", "<=", ">=", "<", ">")
		if !ok {
			return left, nil
		}
		var right value
		if right, err = p.unary(); err != nil {
			break
		}
		switch op {
		case "==":
			left = equal(left, right)
		case "!=":
			left = !equal(left, right)
		default:
			left = ordered(op, left, right)
		}
	}
	return nil, err
}

func ordered(op string, a, b value) bool {
	as, aok := a.(string)
	bs, bok := b.(string)
	if aok && bok {
		c := strings.Compare(strings.ToLower(as), strings.ToLower(bs))
		return op == "<" && c < 0 || op == ">" && c > 0 || op == "<=" && c <= 0 || op == ">=" && c >= 0
	}
	x, y := number(a), number(b)
	return op == "<" && x < y || op == ">" && x > y || op == "<=" && x <= y || op == ">=" && x >= y
}

func (p *parser) unary() (value, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > expressionDepth {
		return nil, errors.New("the expression is nested too deeply")
	}
	if _, ok := p.operator("!"); ok {
		v, err := p.unary()
		return !truthy(v), err
	}
	return p.postfix()
}

// postfix reads a literal, a group, a call or a context with its .name and ['name'] parts.
func (p *parser) postfix() (value, error) {
	if p.pos >= len(p.tokens) {
		return nil, errors.New("the expression ends too early")
	}
	t := p.tokens[p.pos]
	p.pos++
	var v value
	switch t.kind {
	case tokenString:
		return t.text, nil
	case tokenNumber:
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, fmt.Errorf("unexpected symbol: '%s'", t.text)
		}
		return f, nil
	case tokenOperator:
		if t.text != "(" {
			return nil, fmt.Errorf("unexpected symbol: '%s'", t.text)
		}
		inner, err := p.or()
		if err != nil {
			return nil, err
		}
		if _, ok := p.operator(")"); !ok {
			return nil, errors.New("a parenthesis is not closed")
		}
		return inner, nil
	case tokenName:
		switch name := strings.ToLower(t.text); name {
		case "true":
			return true, nil
		case "false":
			return false, nil
		case "null":
			return nil, nil
		default:
			if _, ok := p.operator("("); ok {
				return p.call(name)
			}
			known, ok := p.ctx[name]
			if !ok {
				return nil, fmt.Errorf("unrecognized named-value: '%s'", t.text)
			}
			v = known
		}
	}
	return p.members(v)
}

func (p *parser) members(v value) (value, error) {
	for {
		op, ok := p.operator(".", "[")
		if !ok {
			return v, nil
		}
		var key string
		if op == "." {
			if p.pos >= len(p.tokens) || p.tokens[p.pos].kind == tokenOperator {
				return nil, errors.New("a name is missing after the dot")
			}
			key = p.tokens[p.pos].text
			p.pos++
		} else {
			index, err := p.or()
			if err != nil {
				return nil, err
			}
			if _, ok := p.operator("]"); !ok {
				return nil, errors.New("a bracket is not closed")
			}
			key = printed(index)
		}
		// What is not there is null, as on GitHub; only unknown contexts are errors.
		o, _ := v.(object)
		v = o[strings.ToLower(key)]
	}
}

func (p *parser) call(name string) (value, error) {
	var args []value
	if _, ok := p.operator(")"); !ok {
		for {
			v, err := p.or()
			if err != nil {
				return nil, err
			}
			args = append(args, v)
			if _, ok := p.operator(","); ok {
				continue
			}
			if _, ok := p.operator(")"); ok {
				break
			}
			return nil, errors.New("a parenthesis is not closed")
		}
	}
	text := func(i int) string { return strings.ToLower(printed(args[i])) }
	switch {
	case name == "success" && len(args) == 0:
		return p.st.success(), nil
	case name == "failure" && len(args) == 0:
		return p.st.failed && !p.st.cancelled, nil
	case name == "always" && len(args) == 0:
		return true, nil
	case name == "cancelled" && len(args) == 0:
		return p.st.cancelled, nil
	case name == "contains" && len(args) == 2:
		return strings.Contains(text(0), text(1)), nil
	case name == "startswith" && len(args) == 2:
		return strings.HasPrefix(text(0), text(1)), nil
	case name == "endswith" && len(args) == 2:
		return strings.HasSuffix(text(0), text(1)), nil
	case name == "format" && len(args) >= 1:
		out := printed(args[0])
		for i, a := range args[1:] {
			if out = strings.ReplaceAll(out, "{"+strconv.Itoa(i)+"}", printed(a)); len(out) > maxText {
				return nil, errors.New("the result of format is too long")
			}
		}
		return out, nil
	default:
		return nil, fmt.Errorf("unrecognized function, or a wrong number of arguments: '%s'", name)
	}
}
