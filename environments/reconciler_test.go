package environments_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/environments"
)

// deployed has Alice's deployment of feature-x written down.
func deployed(t *testing.T) *company {
	t.Helper()
	c := newCompany()
	answer, err := c.service.Deploy(context.Background(), c.ask())
	require.NoError(t, err)
	require.Equal(t, environments.Allowed, answer.Decision.Outcome, answer.Decision)
	require.Equal(t, environments.Requested, answer.Environment.State)
	require.True(t, c.store.Due(featureX).Equal(c.clock.now))
	return c
}

// press is Alice's press of a button on the card.
func (c *company) press(t *testing.T) environments.Press {
	return environments.Press{Person: alice, Environment: featureX, Deployment: c.environment(t, featureX).Deployment.ID}
}

func TestDeployToReadyAndGone(t *testing.T) {
	c := deployed(t)
	e := c.settle(t, featureX)
	require.Equal(t, environments.Ready, e.State)
	require.Equal(t, "https://payments-preview-feature-x.example", e.URL)
	require.Equal(t, "sha-of-feature-x", e.Live.SHA)
	require.Equal(t, []environments.Inputs{{Component: "payments", Ref: "feature-x", SHA: "sha-of-feature-x", Environment: featureX,
		Action: environments.Deploy, ID: e.Deployment.ID}}, c.runner.Dispatched())
	require.True(t, e.ExpiresAt.After(c.clock.now.Add(71*time.Hour)), e.ExpiresAt)
	require.Len(t, c.slack.messages, 1)
	card := c.slack.messages[0]
	require.Equal(t, c.slack.Fingerprint(e), card.shown)
	for i := 1; i < len(card.edits)-1; i++ { // all but the last, which tells the end at once
		require.GreaterOrEqual(t, card.edits[i].Sub(card.edits[i-1]), 3*time.Second)
	}
	require.Equal(t, e.Operation.EndedAt, card.edits[len(card.edits)-1])
	require.Less(t, len(card.edits), 8, "it is edited only when something changed")

	c.clock.now = e.ExpiresAt
	e = c.settle(t, featureX)
	require.Equal(t, environments.Destroyed, e.State)
	require.Empty(t, e.URL)
	require.Len(t, c.slack.messages, 1)
	last := c.runner.Dispatched()[1]
	require.Equal(t, environments.Inputs{Component: "payments", Environment: featureX, Action: environments.Destroy, ID: e.Operation.ID}, last, "needs neither ref nor commit")

	history, err := c.store.History(context.Background(), environments.HistoryFilter{})
	require.NoError(t, err)
	var events []string
	for _, h := range history {
		events = append(events, string(h.Event)+" "+h.Outcome)
	}
	require.Equal(t, []string{"ended destroyed", "expire allowed", "ended ready", "deploy allowed"}, events)
}

func TestEnds(t *testing.T) {
	for conclusion, want := range map[environments.Conclusion]environments.State{
		environments.ConclusionFailure: environments.Failed, environments.ConclusionTimedOut: environments.Failed, environments.ConclusionStale: environments.Lost,
		environments.ConclusionCancelled: environments.Cancelled, environments.ConclusionStartupFailure: environments.Failed,
	} {
		c := deployed(t)
		c.runner.Ends[featureX] = conclusion
		require.Equal(t, want, c.settle(t, featureX).State, conclusion)
	}
}

func TestCancel(t *testing.T) {
	ctx := context.Background()
	t.Run("before GitHub was asked", func(t *testing.T) {
		c := deployed(t)
		_, err := c.service.Cancel(ctx, c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.Cancelled, c.settle(t, featureX).State)
		require.Empty(t, c.runner.Dispatched())
		require.Len(t, c.slack.messages, 1)
	})
	t.Run("while it runs", func(t *testing.T) {
		c := deployed(t)
		_, err := c.step(featureX)
		require.NoError(t, err)
		answer, err := c.service.Cancel(ctx, c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.Allowed, answer.Decision.Outcome)
		require.Equal(t, environments.Cancelled, c.settle(t, featureX).State)
	})
	t.Run("while it waits for reviewers", func(t *testing.T) {
		c := deployed(t)
		c.runner.Ends[featureX] = "waiting"
		for range 3 {
			_, err := c.step(featureX)
			require.NoError(t, err)
		}
		require.Equal(t, environments.StatusWaiting, c.environment(t, featureX).Operation.Run.Status)
		_, err := c.service.Cancel(ctx, c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.Cancelled, c.settle(t, featureX).State)
	})
	t.Run("too late", func(t *testing.T) {
		c := deployed(t)
		c.settle(t, featureX)
		answer, err := c.service.Cancel(ctx, c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.CodeNothingRuns, answer.Decision.Code())
	})
}

func TestLostAnswers(t *testing.T) {
	fault := errors.New("connection reset by peer")
	once := func(call string, done bool) func(string) (bool, error) {
		return func(c string) (bool, error) {
			if c != call {
				return true, nil
			}
			call = ""
			return done, fault
		}
	}
	t.Run("of a dispatch that came through", func(t *testing.T) {
		c := deployed(t)
		c.runner.Fault = once("dispatch", true)
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
		require.Len(t, c.runner.Dispatched(), 1)
	})
	t.Run("of a dispatch that did not", func(t *testing.T) {
		c := deployed(t)
		began := c.clock.now
		c.runner.Fault = once("dispatch", false)
		e := c.settle(t, featureX)
		require.Equal(t, environments.Lost, e.State)
		require.Equal(t, "GitHub shows no run of the workflow", e.Operation.Failure)
		require.GreaterOrEqual(t, e.Operation.EndedAt.Sub(began), 3*time.Minute)
		require.Empty(t, c.runner.Dispatched(), "and it is not sent again")
		_, err := c.service.Redeploy(context.Background(), c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
		require.Len(t, c.slack.messages, 2)
		require.True(t, c.slack.messages[0].retired)
	})
	t.Run("of an older server that names no run", func(t *testing.T) {
		c := deployed(t)
		c.runner.NoDetails = true
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
		require.Len(t, c.runner.Dispatched(), 1)
	})
	t.Run("of a post", func(t *testing.T) {
		c := deployed(t)
		c.killer.in, c.killer.after = 2, true // reads, writes that it posts, posts
		_, err := c.step(featureX)
		require.ErrorIs(t, err, errCrash)
		c.killer.in, c.killer.dead = -1, false
		c.clock.advance(time.Minute)
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
		require.Len(t, c.slack.messages, 1)
	})
}

func TestGitHubInTrouble(t *testing.T) {
	t.Run("limits", func(t *testing.T) {
		for _, call := range []string{"dispatch", "find", "run", "cancel", "url"} {
			c := deployed(t)
			c.runner.NoDetails = call == "find"
			until := c.clock.now.Add(5 * time.Minute)
			c.runner.Fault = func(called string) (bool, error) {
				if called == call && c.clock.now.Before(until) {
					return false, limit{until}
				}
				return true, nil
			}
			if call == "cancel" {
				_, err := c.step(featureX)
				require.NoError(t, err)
				_, err = c.service.Cancel(context.Background(), c.press(t))
				require.NoError(t, err)
			}
			told := false
			for range 100 {
				next, err := c.step(featureX)
				require.NoError(t, err, call)
				told = told || c.environment(t, featureX).Operation.Trouble.Tell
				if next.IsZero() || next.Sub(c.clock.now) > time.Hour {
					break
				}
				c.clock.now = next
			}
			e := c.settle(t, featureX)
			require.Contains(t, []environments.State{environments.Ready, environments.Cancelled}, e.State, call)
			require.Len(t, c.runner.Dispatched(), 1, call)
			require.True(t, told, call)
			require.Zero(t, e.Operation.Trouble, call)
		}
	})
	t.Run("500", func(t *testing.T) {
		c := deployed(t)
		failing := 0
		c.runner.Fault = func(call string) (bool, error) {
			if failing++; call != "dispatch" && failing%3 != 0 {
				return false, errors.New("500 Internal Server Error")
			}
			return true, nil
		}
		require.Equal(t, environments.Ready, c.settle(t, featureX).State)
	})
	t.Run("when it is asked which commit", func(t *testing.T) {
		for _, fault := range []error{limit{time.Date(2026, 11, 24, 12, 40, 0, 0, time.UTC)}, environments.ErrUnavailable} {
			for ref, want := range map[string]environments.State{"feature-x": environments.Ready, "no-such": environments.Failed} {
				c := newCompany()
				c.repos.fault = fault
				ask := c.ask()
				ask.Ref = ref
				answer, err := c.service.Deploy(context.Background(), ask)
				require.NoError(t, err)
				require.Equal(t, environments.Allowed, answer.Decision.Outcome, "the request is not lost")
				name := answer.Environment.Name()
				for range 5 {
					next, _ := c.step(name) // the outage is logged
					c.clock.now = next
				}
				require.True(t, c.environment(t, name).Operation.Trouble.Tell)
				require.Empty(t, c.runner.Dispatched())
				c.repos.fault = nil
				e := c.settle(t, name)
				require.Equal(t, want, e.State)
				if want == environments.Failed {
					require.Equal(t, `there is no "no-such" in acme/payments`, e.Operation.Failure)
					require.False(t, e.Exists())
				}
				ask.Ref, ask.PullRequest, ask.RequestID = "", 482, "pull"
				c.repos.fault = fault
				_, err = c.service.Deploy(context.Background(), ask)
				require.ErrorIs(t, err, fault, "which branch a pull request has cannot be waited for")
			}
		}
	})
	t.Run("refuses", func(t *testing.T) {
		c := deployed(t)
		c.runner.Fault = func(call string) (bool, error) {
			return false, &environments.Refused{Message: "GitHub refuses: Unexpected inputs provided: [\"bellhop_id\"]"}
		}
		e := c.settle(t, featureX)
		require.Equal(t, environments.Failed, e.State)
		require.Equal(t, "GitHub refuses: Unexpected inputs provided: [\"bellhop_id\"]", e.Operation.Failure)
		require.False(t, e.Exists())
		require.Zero(t, e.ExpiresAt)
	})
	t.Run("run deleted", func(t *testing.T) {
		c := deployed(t)
		c.runner.Ends[featureX] = "waiting"
		_, err := c.step(featureX)
		require.NoError(t, err)
		c.runner.Delete(c.environment(t, featureX).Operation.Run.ID)
		require.Equal(t, environments.Lost, c.settle(t, featureX).State)
	})
	t.Run("destroying fails", func(t *testing.T) {
		c := deployed(t)
		c.settle(t, featureX)
		c.runner.Ends[featureX] = environments.ConclusionFailure
		_, err := c.service.Destroy(context.Background(), c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.DestroyFailed, c.settle(t, featureX).State)
		require.Len(t, c.runner.Dispatched(), 1+3, "it is tried three times")
		require.Equal(t, []string{featureX}, c.alarms.told)
		_, err = c.step(featureX)
		require.NoError(t, err)
		require.Len(t, c.alarms.told, 1, "operations are told once")
		c.runner.Ends[featureX] = ""
		_, err = c.service.Destroy(context.Background(), c.press(t))
		require.NoError(t, err)
		require.Equal(t, environments.Destroyed, c.settle(t, featureX).State)
	})
}

func TestTimeIsUpBeforeTheDeploymentHasEnded(t *testing.T) {
	waiting := func(t *testing.T, ask environments.DeployAsk, c *company) environments.Environment {
		c.runner.Ends[featureX] = "waiting"
		_, err := c.service.Deploy(context.Background(), ask)
		require.NoError(t, err)
		for range 4 {
			_, err := c.step(featureX)
			require.NoError(t, err)
		}
		e := c.environment(t, featureX)
		require.Equal(t, environments.Running, e.State)
		return e
	}
	t.Run("it is cancelled and destroyed", func(t *testing.T) {
		c := newCompany()
		e := waiting(t, c.ask(), c)
		require.Zero(t, e.Until(), "nobody knows yet")
		c.clock.advance(71 * time.Hour)
		_, err := c.step(featureX)
		require.NoError(t, err)
		require.False(t, c.environment(t, featureX).Operation.Overdue)
		c.clock.advance(time.Hour)
		for range 3 {
			_, err := c.step(featureX)
			require.NoError(t, err)
		}
		require.True(t, c.environment(t, featureX).Operation.Overdue || c.environment(t, featureX).State == environments.Destroying)
		c.runner.Ends[featureX] = environments.ConclusionSuccess
		require.Equal(t, environments.Destroyed, c.settle(t, featureX).State)
		require.Len(t, c.runner.Dispatched(), 2)
	})
	t.Run("a short time is counted from the end", func(t *testing.T) {
		c := newCompany()
		ask := c.ask()
		ask.For = 10 * time.Minute
		waiting(t, ask, c)
		c.clock.advance(time.Hour)
		_, err := c.step(featureX)
		require.NoError(t, err)
		require.False(t, c.environment(t, featureX).Operation.Overdue)
	})
	t.Run("but a named moment holds", func(t *testing.T) {
		c := newCompany()
		ask := c.ask()
		ask.Until = c.clock.now.Add(time.Hour)
		require.Equal(t, ask.Until, waiting(t, ask, c).Until())
		c.clock.advance(time.Hour)
		_, err := c.step(featureX)
		require.NoError(t, err)
		require.True(t, c.environment(t, featureX).Operation.Overdue)
	})
	t.Run("before GitHub was asked it is just cancelled", func(t *testing.T) {
		c := deployed(t)
		c.clock.advance(73 * time.Hour)
		e := c.settle(t, featureX)
		require.Equal(t, environments.Cancelled, e.State)
		require.False(t, e.Exists())
		require.Empty(t, c.runner.Dispatched())
	})
}

func TestWhatRunsKeepsItsOwnTime(t *testing.T) {
	for _, end := range []environments.Conclusion{environments.ConclusionFailure, environments.ConclusionCancelled, environments.ConclusionStale} {
		c := deployed(t)
		live := c.settle(t, featureX).ExpiresAt
		c.clock.advance(24 * time.Hour)
		c.runner.Ends[featureX] = end
		_, err := c.service.Redeploy(context.Background(), c.press(t))
		require.NoError(t, err)
		e := c.settle(t, featureX)
		require.NotEqual(t, environments.Ready, e.State)
		require.Equal(t, live, e.Until(), end)
		c.clock.now, c.runner.Ends[featureX] = live, ""
		require.Equal(t, environments.Destroyed, c.settle(t, featureX).State)
	}
}

func TestARedeployedCardStaysOutOfOthersMessages(t *testing.T) {
	c := newCompany()
	ask := c.ask()
	ask.Card = chat.Address{User: "U01ALICE"}
	_, err := c.service.Deploy(context.Background(), ask)
	require.NoError(t, err)
	c.settle(t, featureX)
	press := c.press(t)
	press.Person, press.Confirmed = chat.Person{ID: "U02BOB"}, true
	_, err = c.service.Redeploy(context.Background(), press)
	require.NoError(t, err)
	require.Equal(t, chat.Address{User: "U02BOB"}, c.environment(t, featureX).Deployment.Card.To)
}

// limit is a runner's word to come back later.
type limit struct{ until time.Time }

func (limit) Error() string        { return "rate limit" }
func (l limit) RetryAt() time.Time { return l.until }

func TestCards(t *testing.T) {
	t.Run("go to the asker where they cannot be posted", func(t *testing.T) {
		c := newCompany()
		c.slack.private["C09LAUNCH"] = true
		ask := c.ask()
		ask.Card.Channel = "C09LAUNCH"
		_, err := c.service.Deploy(context.Background(), ask)
		require.NoError(t, err)
		e := c.settle(t, featureX)
		require.Equal(t, environments.Ready, e.State)
		require.True(t, e.Deployment.Card.Moved)
		require.Len(t, c.slack.messages, 1)
		require.Equal(t, chat.Address{User: "U01ALICE"}, c.slack.messages[0].to)
	})
	t.Run("that were deleted are not posted again", func(t *testing.T) {
		c := deployed(t)
		_, err := c.step(featureX)
		require.NoError(t, err)
		c.slack.messages = nil
		e := c.settle(t, featureX)
		require.Equal(t, environments.Ready, e.State)
		require.True(t, e.Deployment.Card.Gone)
		require.Empty(t, c.slack.messages)
	})
	t.Run("follow the asker when the bot is put out of the channel", func(t *testing.T) {
		c := deployed(t)
		_, err := c.step(featureX)
		require.NoError(t, err)
		c.slack.private["C02PAYMENTS"] = true
		e := c.settle(t, featureX)
		require.Equal(t, environments.Ready, e.State)
		require.Len(t, c.slack.messages, 2)
		require.Equal(t, chat.Address{User: "U01ALICE"}, c.slack.messages[1].to)
		require.Equal(t, c.slack.Fingerprint(e), c.slack.messages[1].shown)
	})
	t.Run("are given up where Slack never takes them", func(t *testing.T) {
		c := deployed(t)
		c.slack.fault = func(string) error { return errors.New("invalid_blocks") }
		require.True(t, c.settle(t, featureX).Deployment.Card.Gone)
	})
	t.Run("hold nothing up when Slack is down", func(t *testing.T) {
		c := deployed(t)
		down := true
		c.slack.fault = func(string) error {
			if down {
				return errors.New("503 Service Unavailable")
			}
			return nil
		}
		for range 12 {
			next, _ := c.step(featureX) // every step says that Slack is down
			c.clock.now = next
		}
		require.Len(t, c.runner.Dispatched(), 1)
		down = false
		e := c.settle(t, featureX)
		require.Equal(t, environments.Ready, e.State)
		require.Len(t, c.slack.messages, 1)
		require.Equal(t, c.slack.Fingerprint(e), c.slack.messages[0].shown)
	})
}

// fullStore takes no writes for a while, as on a full disk: what it decided is in its answer, and nowhere else.
type fullStore struct {
	environments.Store
	full bool
}

func (s *fullStore) Change(ctx context.Context, name string, decide func(*environments.Environment) (environments.Effects, error)) (environments.Environment, error) {
	if !s.full {
		return s.Store.Change(ctx, name, decide)
	}
	e, err := s.Environment(ctx, name)
	if err == nil {
		_, err = decide(&e)
	}
	return e, errors.Join(err, errors.New("disk full"))
}

func TestAnEndThatCannotBeWrittenIsLookedAtAgainSoon(t *testing.T) {
	c := deployed(t)
	store := &fullStore{Store: c.store}
	c.reconciler.Store = store
	for c.environment(t, featureX).State != environments.Running {
		next, err := c.step(featureX)
		require.NoError(t, err)
		c.clock.now = next
	}
	store.full = true
	c.clock.advance(2 * time.Minute) // the run has ended meanwhile
	for range 5 {
		next, err := c.step(featureX)
		require.Error(t, err)
		require.LessOrEqual(t, next.Sub(c.clock.now), time.Minute)
		require.NotContains(t, c.slack.messages[0].shown, "ready", "nobody is told what is not written down")
		c.clock.now = next
	}
	store.full = false
	require.Equal(t, environments.Ready, c.settle(t, featureX).State)
}
