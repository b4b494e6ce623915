package environmentstest_test

import (
	"testing"
	"time"

	"bellhop/environments"
	"bellhop/environments/environmentstest"
)

func TestMemoryStore(t *testing.T) {
	environmentstest.StoreSuite(t, func(*testing.T) (environments.Store, func(string) time.Time) {
		s := environmentstest.NewStore()
		return s, s.Due
	})
}
