package catalog

// template checks what Backstage's scaffolder asks of a Template beyond its texts: parameters, steps and output. Bellhop
// keeps them, and runs nothing.
func (c *checker) template(spec map[string]any) {
	at := fieldPath{"spec"}
	switch parameters := spec["parameters"].(type) {
	case nil:
		if _, there := spec["parameters"]; there {
			c.fail(at.with("parameters"), "", "must be a mapping or a list of mappings, not empty")
		}
	case map[string]any:
		c.permissions(parameters, at.with("parameters"))
	case []any:
		c.mappings(parameters, at.with("parameters"), c.permissions)
	default:
		c.fail(at.with("parameters"), "", "must be a mapping or a list of mappings, not %s", nounOf(parameters))
	}
	if steps, ok := c.list(spec, at, "steps", true); ok {
		c.mappings(steps, at.with("steps"), c.templateStep)
	}
	if secrets, ok := c.mapping(spec, at, "secrets", false); ok {
		c.mapping(secrets, at.with("secrets"), "schema", false)
	}
	if presentation, ok := c.mapping(spec, at, "presentation", false); ok {
		at := at.with("presentation")
		if labels, ok := c.mapping(presentation, at, "buttonLabels", false); ok {
			for _, key := range []string{"backButtonText", "createButtonText", "reviewButtonText"} {
				c.maybeEmpty(labels, at.with("buttonLabels"), key)
			}
		}
	}
	if output, ok := c.mapping(spec, at, "output", false); ok {
		c.templateOutput(output, at.with("output"))
	}
}

// mappings checks that every item of a list is a mapping, and calls each with those that are.
func (c *checker) mappings(list []any, at fieldPath, each func(m map[string]any, at fieldPath)) {
	for i, item := range list {
		if m, ok := item.(map[string]any); ok {
			each(m, at.with(i))
			continue
		}
		c.fail(at.with(i), "", "must be a mapping, not %s", nounOf(item))
	}
}

// maybeEmpty checks a text that may be missing or empty.
func (c *checker) maybeEmpty(m map[string]any, parent fieldPath, key string) {
	if v, there := m[key]; there {
		if _, ok := v.(string); !ok {
			c.fail(parent.with(key), quoteHint(v), "must be a text, not %s", nounOf(v))
		}
	}
}

// condition checks what decides whether a step or link is there: a text or a truth value.
func (c *checker) condition(m map[string]any, parent fieldPath) {
	switch v := m["if"].(type) {
	case string, bool:
	case nil:
		if _, there := m["if"]; there {
			c.fail(parent.with("if"), "", "must be a text or a truth value, not empty")
		}
	default:
		c.fail(parent.with("if"), "", "must be a text or a truth value, not %s", nounOf(v))
	}
}

func (c *checker) permissions(m map[string]any, at fieldPath) {
	const key = "backstage:permissions"
	permissions, ok := c.mapping(m, at, key, false)
	if !ok {
		return
	}
	if tags, ok := c.list(permissions, at.with(key), "tags", false); ok {
		for i, tag := range tags {
			if _, isText := tag.(string); !isText {
				c.fail(at.with(key).with("tags").with(i), quoteHint(tag), "must be a text, not %s", nounOf(tag))
			}
		}
	}
}

func (c *checker) templateStep(step map[string]any, at fieldPath) {
	if _, there := step["action"]; !there {
		c.fail(at.with("action"), "name an action, such as fetch:template", "is missing")
	}
	for _, key := range []string{"action", "id", "name"} {
		c.maybeEmpty(step, at, key)
	}
	c.mapping(step, at, "input", false)
	c.condition(step, at)
	c.permissions(step, at)
}

// templateOutput checks links and texts; whatever else is put out is a text.
func (c *checker) templateOutput(output map[string]any, at fieldPath) {
	for _, key := range inOrder(output) {
		if key != "links" && key != "text" {
			c.maybeEmpty(output, at, key)
			continue
		}
		list, ok := c.list(output, at, key, false)
		if !ok {
			continue
		}
		c.mappings(list, at.with(key), func(m map[string]any, at fieldPath) {
			c.condition(m, at)
			for _, name := range []string{"title", "icon"} {
				c.text(m, at, name, false)
			}
			if key == "text" {
				c.maybeEmpty(m, at, "content")
				return
			}
			for _, name := range []string{"url", "entityRef"} {
				c.text(m, at, name, false)
			}
		})
	}
}
