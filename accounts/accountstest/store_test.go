package accountstest_test

import (
	"testing"
	"time"

	"bellhop/accounts"
	"bellhop/accounts/accountstest"
)

func TestMemoryStore(t *testing.T) {
	accountstest.StoreSuite(t, func(*testing.T) (accounts.Store, func(string) time.Time) {
		s := accountstest.NewStore()
		return s, s.Due
	})
}
