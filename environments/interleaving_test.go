package environments_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bellhop/environments"
)

// TestNothingHappensTwice lets people press, time pass, GitHub and Slack stumble, and the process die at any call before
// or after it took effect; at the end, with everything mended, every environment is at rest in the state that GitHub
// shows, each operation was dispatched once at most, and each deployment has one card.
func TestNothingHappensTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newCompany()
		names := []string{featureX, "payments-staging"}
		deploy := func(t *rapid.T) {
			ask := c.ask()
			ask.Kind = rapid.SampledFrom([]string{"preview", "staging"}).Draw(t, "kind")
			c.ends(t, ask.Kind)
			if _, err := c.service.Deploy(context.Background(), ask); err != nil {
				t.Fatal(err)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"deploy": deploy,
			"press": func(t *rapid.T) {
				name := rapid.SampledFrom(names).Draw(t, "name")
				e, err := c.store.Environment(context.Background(), name)
				if err != nil {
					return
				}
				p := environments.Press{Person: alice, Environment: name, Deployment: e.Deployment.ID}
				do := rapid.SampledFrom([]func(context.Context, environments.Press) (environments.Answer, error){
					c.service.Cancel, c.service.Redeploy, c.service.Destroy}).Draw(t, "button")
				if _, err := do(context.Background(), p); err != nil {
					t.Fatal(err)
				}
			},
			"step": func(t *rapid.T) {
				c.killer.in = rapid.IntRange(-1, 8).Draw(t, "calls to live")
				c.killer.after = rapid.Bool().Draw(t, "dies after the call")
				c.runner.Fault = c.stumble(t)
				_, _ = c.step(rapid.SampledFrom(names).Draw(t, "name")) // whatever happens, the next step finds out
				c.killer.in, c.killer.dead, c.runner.Fault = -1, false, nil
			},
			"time": func(t *rapid.T) {
				c.clock.advance(time.Duration(rapid.SampledFrom([]int{1, 2, 4, 10, 200, 100 * 3600}).Draw(t, "seconds")) * time.Second)
			},
			"": func(t *rapid.T) { c.check(t, names) },
		})
		for _, name := range names {
			if _, err := c.store.Environment(context.Background(), name); err != nil {
				continue
			}
			c.runner.Ends[name] = environments.ConclusionSuccess
			e := c.settleRapid(t, name)
			if e.State.Busy() {
				t.Fatalf("%s is still %s", name, e.State)
			}
		}
		c.check(t, names)
	})
}

// ends draws how coming runs of a kind end.
func (c *company) ends(t *rapid.T, kind string) {
	name := featureX
	if kind == "staging" {
		name = "payments-staging"
	}
	c.runner.Ends[name] = rapid.SampledFrom([]environments.Conclusion{environments.ConclusionSuccess, environments.ConclusionFailure, "waiting"}).Draw(t, "end")
	c.runner.NoDetails = rapid.Bool().Draw(t, "older server")
}

// stumble draws what GitHub does to the calls of one step.
func (c *company) stumble(t *rapid.T) func(string) (bool, error) {
	how := rapid.SampledFrom([]string{"", "", "lost after", "lost before", "limit", "refused"}).Draw(t, "GitHub")
	return func(string) (bool, error) {
		switch how {
		case "lost after":
			return true, errors.New("connection reset")
		case "lost before":
			return false, errors.New("connection refused")
		case "limit":
			return false, limit{c.clock.now.Add(30 * time.Second)}
		case "refused":
			return false, &environments.Refused{Message: "no"}
		}
		return true, nil
	}
}

// check is what must hold at any moment.
func (c *company) check(t *rapid.T, names []string) {
	var ids []string
	for _, in := range c.runner.Dispatched() {
		if slices.Contains(ids, in.ID) {
			t.Fatalf("%s was dispatched twice", in.ID)
		}
		ids = append(ids, in.ID)
	}
	ids = nil
	for _, m := range c.slack.messages {
		if slices.Contains(ids, m.id) {
			t.Fatalf("%s has two cards", m.id)
		}
		ids = append(ids, m.id)
	}
	for _, name := range names {
		e, err := c.store.Environment(context.Background(), name)
		if err == nil && e.State == environments.Ready && e.URL == "" && e.Operation.Trouble.Tell {
			t.Fatalf("ready with trouble: %+v", e.Operation)
		}
	}
}

// settleRapid is settle for rapid's own T.
func (c *company) settleRapid(t *rapid.T, name string) environments.Environment {
	for range 2000 {
		next, err := c.step(name)
		e, getErr := c.store.Environment(context.Background(), name)
		if getErr != nil {
			t.Fatal(getErr)
		}
		if err != nil {
			t.Fatalf("with everything mended, %s: %v", name, err)
		}
		if next.IsZero() || next.Sub(c.clock.now) > time.Hour {
			return e
		}
		if next.After(c.clock.now) {
			c.clock.now = next
		}
	}
	t.Fatalf("%s never comes to rest", name)
	return environments.Environment{}
}
