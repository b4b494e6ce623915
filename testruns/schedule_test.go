package testruns_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bellhop/testruns"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func schedule(t testing.TB, text, in string) testruns.Schedule {
	t.Helper()
	s, err := testruns.ParseSchedule(text, zone(t, in))
	require.NoError(t, err)
	return s
}

// The clocks of Berlin go forward on 28 March 2027 from 2:00 to 3:00, and back on 31 October 2027 from 3:00 to 2:00.
func TestScheduleOnBothClockChangeNights(t *testing.T) {
	const layout = "2006-01-02 15:04 MST"
	for _, test := range []struct {
		text, after string
		want        []string
	}{
		{"30 2 * * *", "2027-03-27 02:30 CET", []string{"2027-03-28 03:00 CEST", "2027-03-29 02:30 CEST"}},
		{"0 2 * * *", "2027-03-27 12:00 CET", []string{"2027-03-28 03:00 CEST", "2027-03-29 02:00 CEST"}},
		{"0 3 * * *", "2027-03-27 12:00 CET", []string{"2027-03-28 03:00 CEST", "2027-03-29 03:00 CEST"}},
		{"*/30 * * * *", "2027-03-28 01:00 CET", []string{"2027-03-28 01:30 CET", "2027-03-28 03:00 CEST", "2027-03-28 03:30 CEST"}},
		{"30 2 * * *", "2027-10-30 12:00 CEST", []string{"2027-10-31 02:30 CEST", "2027-11-01 02:30 CET"}},
		{"30 2 * * *", "2027-10-31 02:10 CET", []string{"2027-11-01 02:30 CET"}},
		{"0 3 * * *", "2027-10-30 12:00 CEST", []string{"2027-10-31 03:00 CET", "2027-11-01 03:00 CET"}},
		{"0 * * * *", "2027-10-31 01:00 CEST", []string{"2027-10-31 02:00 CEST", "2027-10-31 03:00 CET", "2027-10-31 04:00 CET"}},
		{"0 9 * * 1-5", "2027-03-26 09:00 CET", []string{"2027-03-29 09:00 CEST"}},
		{"@daily", "2027-10-30 12:00 CEST", []string{"2027-10-31 00:00 CEST", "2027-11-01 00:00 CET"}},
	} {
		s := schedule(t, test.text, "Europe/Berlin")
		at, err := time.ParseInLocation(layout, test.after, zone(t, "Europe/Berlin"))
		require.NoError(t, err)
		for _, want := range test.want {
			at = s.Next(at)
			require.Equal(t, want, at.Format(layout), "%s after %s", test.text, test.after)
		}
	}
}

func TestScheduleWhereMidnightIsSkipped(t *testing.T) {
	// Cuba's clocks go forward at midnight: 14 March 2027 begins at 1:00.
	s := schedule(t, "@daily", "America/Havana")
	at := s.Next(time.Date(2027, 3, 13, 12, 0, 0, 0, zone(t, "America/Havana")))
	require.Equal(t, "2027-03-14 01:00", at.Format("2006-01-02 15:04"))
}

func TestSchedulePrevious(t *testing.T) {
	s := schedule(t, "0 9 * * 1-5", "Europe/Berlin")
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, zone(t, "Europe/Berlin"))
	require.Equal(t, monday.AddDate(0, 0, -3), s.Previous(monday), "the Friday before")
	require.Equal(t, monday, s.Previous(monday.Add(time.Millisecond)))
	require.Equal(t, monday.Add(5*time.Minute), schedule(t, "*/5 * * * *", "Europe/Berlin").Previous(monday.Add(10*time.Minute)))
	require.Equal(t, 2024, schedule(t, "0 9 29 2 *", "UTC").Next(time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC)).Year())
	require.True(t, schedule(t, "0 9 29 2 *", "UTC").Previous(monday).IsZero())
}

func TestScheduleRefusesInWords(t *testing.T) {
	for text, want := range map[string]string{
		"TZ=Europe/Berlin":             "time zone is given by timezone",
		"CRON_TZ=Asia/Tokyo 0 9 * * *": "time zone is given by timezone",
		"@every 1h":                    "at which time of the day",
		"0 9 * *":                      "five fields",
		"":                             "five fields",
		"0 0 9 * * *":                  "five fields",
		"0 25 * * *":                   `the hour is "25", and takes 0 to 23: one, a list`,
		"99 9 * * *":                   `schedule "99 9 * * *": the minute is "99", and takes 0 to 59`,
		"0 9-5 * * 1/0":                `the hour is "9-5", and takes 0 to 23`,
		"0 9 0 * *":                    `the day of the month is "0", and takes 1 to 31`,
		"0 9 * Janu *":                 `the month is "Janu", and takes 1 to 12 or jan to dec`,
		"0 9 * * 7":                    `the weekday is "7", and takes 0 (Sunday) to 6 or sun to sat`,
		"@never":                       "@never is not known; there are @hourly, @daily, @weekly, @monthly and @yearly",
		"0 0 30 2 *":                   "no such day",
	} {
		_, err := testruns.ParseSchedule(text, time.UTC)
		require.ErrorContains(t, err, want, text)
	}
}

func TestScheduleAlwaysMovesOn(t *testing.T) {
	zones := []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "UTC", "Asia/Kathmandu", "Africa/Casablanca"}
	texts := []string{"30 2 * * *", "*/7 * * * *", "0 0 * * *", "15 1-3 * * 0", "0 9 * * 1-5", "59 23 31 * *"}
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(r *rapid.T) {
		s := schedule(t, rapid.SampledFrom(texts).Draw(r, "text"), rapid.SampledFrom(zones).Draw(r, "zone"))
		at := begin.Add(time.Duration(rapid.Int64Range(0, 2*365*24*3600).Draw(r, "at")) * time.Second)
		next := s.Next(at)
		if !next.After(at) {
			r.Fatalf("%s after %s is %s", s, at, next)
		}
		// Whatever moment in between one asks from, the answer is the same: nothing comes twice, nothing is left out.
		between := at.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(at))-1).Draw(r, "between")))
		if before := s.Previous(next); before.After(at) {
			r.Fatalf("%s before %s is %s, but after %s it is %s", s, next, before, at, next)
		}
		if again := s.Next(between); !again.Equal(next) {
			r.Fatalf("%s after %s is %s, after %s it is %s", s, at, next, between, again)
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	for _, text := range []string{"0 9 * * 1-5", "TZ=Europe/Berlin", "@daily", "*/0 * * * *", "1-0 * * * *", "CRON_TZ= 0 0 * * *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := testruns.ParseSchedule(text, time.UTC)
		if now := time.Unix(1_800_000_000, 0); err == nil && !s.Next(now).After(now) {
			t.Fatalf("%q does not move on", text)
		}
	})
}
