package work_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/clock"
	"bellhop/work"
)

// diary is when each step began, after the test's start.
type diary struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (d *diary) write(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf("%s %s", id, time.Since(d.start).Round(time.Millisecond)))
}

// read gives what was written and begins a new page.
func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := d.lines
	d.start, d.lines = time.Now(), nil
	return lines
}

// running starts the loop and returns what stops it and waits for its end.
func running(t *testing.T, l *work.Loop) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	return func() { cancel(); require.NoError(t, <-ended) }
}

func loop(q work.Queue, step work.Step) *work.Loop {
	return &work.Loop{Queue: q, Clock: clock.Real{}, Log: zerolog.Nop(), Kind: "thing", Step: step}
}

func TestLoopRunsWhatIsDueWhenItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := newQueue(), &diary{start: time.Now()}
		q.schedule("now", time.Now())
		q.schedule("later", time.Now().Add(1500*time.Millisecond))
		q.schedule("thrice", time.Now().Add(7*time.Second))
		times := 0
		stop := running(t, loop(q, func(_ context.Context, item work.Item) (time.Time, error) {
			d.write(item.ID)
			if item.ID == "thrice" && times < 2 {
				times++
				return time.Now().Add(3 * time.Second), nil
			}
			return time.Time{}, nil
		}))
		time.Sleep(time.Minute)
		stop()
		assert.Equal(t, []string{"now 0s", "later 1.5s", "thrice 7s", "thrice 10s", "thrice 13s"}, d.read())
		assert.Empty(t, q.rows)
	})
}

// A wake that comes while the loop turns from one pause to the next is never swallowed.
func TestLoopWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, done, wake := newQueue(), make(chan string), make(chan struct{}, 1)
		l := loop(q, func(_ context.Context, item work.Item) (time.Time, error) {
			done <- item.ID
			return time.Time{}, nil
		})
		l.Wake, l.Poll = wake, time.Hour
		stop := running(t, l)
		began := time.Now()
		for i := range 1000 {
			id := fmt.Sprint(i)
			q.schedule(id, time.Now())
			select {
			case wake <- struct{}{}:
			default:
			}
			assert.Equal(t, id, <-done)
		}
		assert.Zero(t, time.Since(began))
		stop()
	})
}

func TestLoopBacksOffFromErrorsAndPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := newQueue(), &diary{start: time.Now()}
		q.schedule("bad", time.Now())
		var seen []error
		l := loop(q, func(_ context.Context, item work.Item) (time.Time, error) {
			d.write(fmt.Sprint(item.Attempts))
			switch item.Attempts {
			case 1:
				return time.Time{}, errors.New("no")
			case 2:
				panic("oh")
			case 3:
				return time.Now().Add(10 * time.Second), errors.New("not before ten seconds from now")
			}
			return time.Time{}, nil
		})
		l.Observe = func(_ work.Kind, _ time.Duration, err error) { seen = append(seen, err) }
		stop := running(t, l)
		time.Sleep(time.Minute)
		stop()
		assert.Equal(t, []string{"1 0s", "2 1s", "3 3s", "4 13s"}, d.read())
		require.Len(t, seen, 4)
		assert.ErrorContains(t, seen[1], "panic: oh")
		assert.NoError(t, seen[3])
	})
}

func TestLoopWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := newQueue(), &diary{start: time.Now()}
		for i := range 5 {
			q.schedule(fmt.Sprint(i), time.Now().Add(time.Duration(i)*time.Millisecond-time.Second))
		}
		l := loop(q, func(_ context.Context, item work.Item) (time.Time, error) {
			d.write(item.ID)
			time.Sleep(time.Second)
			return time.Time{}, nil
		})
		l.Width = 1
		stop := running(t, l)
		time.Sleep(time.Minute)
		stop()
		assert.Equal(t, []string{"0 0s", "1 1s", "2 2s", "3 3s", "4 4s"}, d.read())
	})
}

// Two replicas, one slow step: its lease is kept as long as it takes. Once the holder is dead, the other takes over when
// the lease has run out.
func TestLoopLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d := newQueue(), &diary{start: time.Now()}
		q.schedule("slow", time.Now())
		slow := func(_ context.Context, item work.Item) (time.Time, error) {
			d.write(item.ID)
			time.Sleep(90 * time.Second)
			return time.Time{}, nil
		}
		stopA, stopB := running(t, loop(q, slow)), running(t, loop(q, slow))
		time.Sleep(2 * time.Minute)
		assert.Equal(t, []string{"slow 0s"}, d.read())
		stopA()
		stopB()

		q.schedule("orphan", time.Now())
		_, err := q.Claim(t.Context(), "thing", time.Now(), 20*time.Second, 1) // and this replica dies
		require.NoError(t, err)
		d.read()
		stop := running(t, loop(q, slow))
		time.Sleep(3 * time.Minute)
		stop()
		assert.Equal(t, []string{"orphan 20s"}, d.read())
	})
}

func TestLoopLostLeaseEndsTheStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		q.schedule("a", time.Now())
		ended := make(chan error, 1)
		stop := running(t, loop(q, func(ctx context.Context, _ work.Item) (time.Time, error) {
			<-ctx.Done()
			ended <- ctx.Err()
			return time.Time{}, ctx.Err()
		}))
		time.Sleep(time.Second)
		q.mu.Lock()
		q.rows["a"].Lease, q.rows["a"].until = "another's", time.Now().Add(time.Hour)
		q.mu.Unlock()
		require.ErrorIs(t, <-ended, context.Canceled)
		stop()
		r, ok := q.row("a")
		assert.True(t, ok)
		assert.Equal(t, "another's", r.Lease, "what another holds is not settled")
	})
}

func TestLoopStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		q.schedule("short", time.Now())
		q.schedule("long", time.Now())
		stop := running(t, loop(q, func(ctx context.Context, item work.Item) (time.Time, error) {
			wait := 5 * time.Second
			if item.ID == "long" {
				wait = time.Hour
			}
			return time.Time{}, clock.Real{}.Wait(ctx, time.Now().Add(wait))
		}))
		time.Sleep(time.Second)
		began := time.Now()
		stop()
		assert.Equal(t, 7*time.Second, time.Since(began), "the grace")
		_, ok := q.row("short")
		assert.False(t, ok, "what could end in time has ended")
		r, ok := q.row("long")
		require.True(t, ok)
		assert.Empty(t, r.Lease, "what could not is handed back")
		assert.False(t, r.DueAt.After(time.Now()), "and due at once")
	})
}

// A jump of the clock past a lease makes the loop claim its own item again; the step under way keeps it, and is settled
// as if nothing had happened.
func TestLoopClockJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, d, jumping := newQueue(), &diary{start: time.Now()}, &clock.Adjustable{}
		q.schedule("a", time.Now())
		l := loop(q, func(ctx context.Context, item work.Item) (time.Time, error) {
			d.write(item.ID)
			time.Sleep(time.Second)
			return jumping.Now().Add(8 * time.Hour), ctx.Err()
		})
		l.Clock = jumping
		stop := running(t, l)
		time.Sleep(time.Second / 2)
		require.NoError(t, jumping.Advance(8*time.Hour)) // in the middle of the step
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"a 0s"}, d.read())
		r, _ := q.row("a")
		assert.Empty(t, r.Lease)
		require.NoError(t, jumping.Advance(8*time.Hour-time.Minute+time.Second)) // due within the second
		time.Sleep(time.Minute)
		stop()
		assert.Equal(t, []string{"a 0s"}, d.read())
	})
}

// An item due again at once is never lost between its settling and its next claim.
func TestLoopAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, n, done := newQueue(), 0, make(chan struct{})
		q.schedule("a", time.Now())
		began := time.Now()
		stop := running(t, loop(q, func(context.Context, work.Item) (time.Time, error) {
			if n++; n < 1000 {
				return time.Now(), nil
			}
			close(done)
			return time.Time{}, nil
		}))
		<-done
		stop()
		assert.Zero(t, time.Since(began))
	})
}
