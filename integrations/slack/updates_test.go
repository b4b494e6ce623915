package slack

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	goslack "github.com/slack-go/slack"
	"github.com/stretchr/testify/require"

	"bellhop/chat"
	"bellhop/clock"
)

var nopLog = zerolog.Nop()

func ref(n int) chat.MessageRef { return chat.MessageRef{Channel: "C1", TS: fmt.Sprint(n)} }

func TestEditsShareABudgetAndEndsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUpdates(clock.Real{})
		started := time.Now()
		for n := range updatesBurst {
			done, err := u.turn(t.Context(), ref(n), false)
			require.NoError(t, err)
			done()
		}
		require.Equal(t, started, time.Now(), "a burst does not wait")

		var order []string
		say := make(chan string, 10)
		edit := func(name string, of chat.MessageRef, ends bool) {
			done, err := u.turn(t.Context(), of, ends)
			require.NoError(t, err)
			if done == nil {
				say <- name + " replaced"
				return
			}
			say <- name
			done()
		}
		go edit("progress 1", ref(1), false)
		synctest.Wait()
		go edit("progress 2", ref(2), false)
		synctest.Wait()
		go edit("end 3", ref(3), true)
		synctest.Wait()
		go edit("newer progress 1", ref(1), false)
		for range 4 {
			order = append(order, <-say)
		}
		require.Equal(t, []string{"progress 1 replaced", "end 3", "newer progress 1", "progress 2"}, order)
		require.Equal(t, 3*updatesEvery, time.Since(started).Round(time.Millisecond))
	})
}

func TestFortyEditsAMinuteAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUpdates(clock.Real{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var made atomic.Int32
		for n := range 100 {
			go func() {
				if done, err := u.turn(ctx, ref(n), n%2 == 0); err == nil {
					made.Add(1)
					done()
				}
			}()
		}
		<-ctx.Done()
		synctest.Wait()
		require.InDelta(t, 40+updatesBurst, made.Load(), 1)
		require.Empty(t, u.waiting, "who gave up waits no more")
	})
}

func TestPostsToAChannelKeepApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(clock.Real{})
		started := time.Now()
		for range postsBurst + 2 {
			require.NoError(t, p.wait(t.Context(), "C1"))
		}
		require.Equal(t, 2*time.Second, time.Since(started))
		require.NoError(t, p.wait(t.Context(), "C2"))
		require.Equal(t, 2*time.Second, time.Since(started), "another channel does not wait")
	})
}

func TestWhatIsSeenIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSeen(clock.Real{})
		require.True(t, s.first("a"))
		for range 11 {
			time.Sleep(time.Minute)
			require.False(t, s.first("a"))
			s.first(time.Now().String())
		}
		time.Sleep(2 * seenFor)
		require.True(t, s.first("b"))
		time.Sleep(seenFor + time.Second)
		s.first("c")
		require.LessOrEqual(t, len(s.now)+len(s.old), 4, "and forgotten")
		s.forget("c")
		require.True(t, s.first("c"))
	})
}

func TestReadyTellsOfQuietConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newConnection(2, goslack.New(""), nopLog, newMetrics(nil))
		require.ErrorContains(t, c.ready(time.Now()), "connection 2 is not up: connecting")
		c.hello()
		require.NoError(t, c.ready(time.Now()))
		time.Sleep(20 * time.Second)
		c.ping()
		time.Sleep(25 * time.Second)
		require.NoError(t, c.ready(time.Now()))
		time.Sleep(10 * time.Second)
		require.ErrorContains(t, c.ready(time.Now()), "connection 2 is up, but no ping came for 35s")
		c.down("ping timeout")
		c.hello()
		require.Error(t, c.ready(time.Now()), "a new connection without pings is no better")
		c.ping()
		require.NoError(t, c.ready(time.Now()))

		require.NoError(t, overheard{c}.Output(2, `Received WebSocket message: {"reason":"link_disabled","type":"disconnect"}`))
		c.down("disconnection requested: Slack requested us to disconnect")
		require.ErrorContains(t, c.ready(time.Now()), "Socket Mode was switched off")
	})
}
