package accounts_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"bellhop/accounts"
	"bellhop/accounts/accountstest"
	"bellhop/catalog"
	"bellhop/chat"
	"bellhop/clock"
	"bellhop/work"
)

// devices gives one code, whose login is what said says when it is asked.
type devices struct {
	said  func() (string, error)
	asked int
}

func (d *devices) Start(context.Context) (catalog.DeviceCode, error) {
	return catalog.DeviceCode{UserCode: "WDJB-MJHT", URL: "https://github.com/login/device", Secret: "secret", Interval: 6 * time.Second, Expires: time.Now().Add(15 * time.Minute)}, nil
}

func (d *devices) Login(context.Context, catalog.DeviceCode) (string, error) {
	d.asked++
	return d.said()
}

// users knows one person, who may be known to be somebody else than who asks.
type users struct {
	user    catalog.Entity
	another bool
}

func (u users) UserOfLogin(_ context.Context, login string) (catalog.Entity, bool, error) {
	return u.user, login == u.user.Login(), nil
}

func (u users) SomebodyElse(_ catalog.Entity, slackID, email string) bool {
	return u.another && slackID == "U1" && email == "somebody@acme.example"
}

// ears hear how flows end.
type ears struct{ heard []string }

func (e *ears) Ended(_ context.Context, f accounts.Flow, outcome accounts.Outcome, login string) error {
	e.heard = append(e.heard, f.Person+" "+string(outcome)+" "+login)
	return nil
}

var mona = catalog.Entity{Ref: catalog.Ref{Kind: catalog.KindUser, Namespace: "default", Name: "mona"}}

func linker(d *devices, u users) (*accounts.Linker, *accountstest.Store, *ears) {
	store, told := accountstest.NewStore(), &ears{}
	return &accounts.Linker{Store: store, Directory: accounts.NewDirectory(store, clock.Real{}), Devices: d, Users: u, Teller: told, Clock: clock.Real{}, Wake: func() {}}, store, told
}

// follow steps until nothing is due any more.
func follow(t *testing.T, l *accounts.Linker) {
	for range 1000 {
		next, err := l.Step(t.Context(), work.Item{Kind: accounts.WorkKind, ID: "U1"})
		require.NoError(t, err)
		if next.IsZero() {
			return
		}
		time.Sleep(time.Until(next))
	}
	t.Fatal("it never ends")
}

func TestLink(t *testing.T) {
	is := func(login string) func() (string, error) { return func() (string, error) { return login, nil } }
	fails := func(err error) func() (string, error) { return func() (string, error) { return "", err } }
	for _, test := range []struct {
		name  string
		said  func() (string, error)
		users users
		taken bool
		want  string
	}{
		{name: "nobody whom the catalog knows", said: is("stranger"), users: users{user: mona, another: true}, want: "U1 linked stranger"},
		{name: "herself", said: is("mona"), users: users{user: mona}, want: "U1 linked mona"},
		{name: "another, as is known", said: is("mona"), users: users{user: mona, another: true}, want: "U1 another mona"},
		{name: "linked to another already", said: is("mona"), users: users{user: mona}, taken: true, want: "U1 taken mona"},
		{name: "no", said: fails(catalog.ErrDeviceDenied), want: "U1 denied "},
		{name: "too late, says GitHub", said: fails(catalog.ErrDeviceExpired), want: "U1 expired "},
		{name: "nobody types it", said: fails(catalog.ErrDevicePending), want: "U1 expired "},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &devices{said: test.said}
				l, store, told := linker(d, test.users)
				if test.taken {
					require.NoError(t, store.Link(t.Context(), accounts.Link{Person: "U2", Login: "Mona"}))
				}
				code, err := l.Start(t.Context(), chat.Person{ID: "U1", Email: "somebody@acme.example"})
				require.NoError(t, err)
				assert.Equal(t, "WDJB-MJHT", code.UserCode)
				follow(t, l)
				assert.Equal(t, []string{test.want}, told.heard)
				linked := ""
				if login, ok := strings.CutPrefix(test.want, "U1 linked "); ok {
					linked = login
				}
				assert.Equal(t, linked, l.Directory.LoginOf("U1"))
				_, err = store.Flow(t.Context(), "U1")
				require.ErrorIs(t, err, accounts.ErrNotFound, "it is over")
				assert.LessOrEqual(t, d.asked, 150, "15 minutes, every 6 seconds")
			})
		})
	}
}

func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []error{catalog.ErrDevicePending, catalog.ErrDeviceSlower, catalog.ErrDevicePending, nil}
		var at []time.Duration
		began := time.Now()
		d := &devices{}
		d.said = func() (string, error) {
			at = append(at, time.Since(began))
			err := answers[0]
			answers = answers[1:]
			return "mona", err
		}
		l, store, told := linker(d, users{})
		_, err := l.Start(t.Context(), chat.Person{ID: "U1"})
		require.NoError(t, err)
		for len(answers) > 0 {
			time.Sleep(time.Until(store.Due("U1")))
			next, err := l.Step(t.Context(), work.Item{ID: "U1"})
			require.NoError(t, err)
			if !next.IsZero() {
				f, err := store.Flow(t.Context(), "U1")
				require.NoError(t, err)
				require.NoError(t, store.Begin(t.Context(), f, next)) // as settling does
			}
		}
		assert.Equal(t, []time.Duration{6 * time.Second, 12 * time.Second, 23 * time.Second, 34 * time.Second}, at, "slower by 5 s from then on")
		assert.Equal(t, []string{"U1 linked mona"}, told.heard)
		require.Equal(t, "U1", l.Directory.SlackIDOf("MONA"))
		require.NoError(t, l.Directory.Unlink(t.Context(), "U1"))
		require.Empty(t, l.Directory.SlackIDOf("mona"))
	})
}

func TestTroubleIsTriedAgain(t *testing.T) {
	d := &devices{said: func() (string, error) { return "", errors.New("GitHub is down") }}
	l, _, told := linker(d, users{})
	_, err := l.Start(t.Context(), chat.Person{ID: "U1"})
	require.NoError(t, err)
	next, err := l.Step(t.Context(), work.Item{ID: "U1"})
	require.ErrorContains(t, err, "GitHub is down")
	require.False(t, next.IsZero())
	require.Empty(t, told.heard)
}

func TestDirectoryFollowsOtherReplicas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := accountstest.NewStore()
		d := accounts.NewDirectory(store, clock.Real{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = d.Run(ctx, func(err error) { t.Error(err) }) }()
		require.NoError(t, store.Link(ctx, accounts.Link{Person: "U2", Login: "bob"}))
		time.Sleep(16 * time.Second)
		synctest.Wait()
		require.Equal(t, "bob", d.LoginOf("U2"))
	})
}
