package testruns

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule tells when something comes up: a cron expression of five fields in a time zone. When clocks are set forward,
// what falls into the hour that is left out comes at that hour's end; when they are set back, what falls into the hour
// that comes twice comes once, the first time.
type Schedule struct {
	text   string
	fields cron.Schedule
	zone   *time.Location
}

// ParseSchedule reads "0 9 * * 1-5" or a descriptor like "@daily". The zone stands beside it, never within.
func ParseSchedule(text string, zone *time.Location) (Schedule, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(text, "TZ="): // robfig/cron panics on some of these
		return Schedule{}, fmt.Errorf("schedule %q: the time zone is given by timezone, not within the schedule", text)
	case strings.HasPrefix(text, "@every"):
		return Schedule{}, fmt.Errorf(`schedule %q: say at which time of the day, for example "0 9 * * *" for every day at 9:00`, text)
	case !strings.HasPrefix(text, "@") && len(strings.Fields(text)) != 5:
		return Schedule{}, fmt.Errorf(`schedule %q: five fields are needed (minute, hour, day, month, weekday), for example "0 9 * * 1-5" for 9:00 on working days`, text)
	}
	fields, err := cron.ParseStandard("TZ=UTC " + text)
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule %q: %s", text, wrongField(text))
	}
	s := Schedule{text, fields, zone}
	if s.Next(time.Unix(0, 0)).IsZero() {
		return Schedule{}, fmt.Errorf("schedule %q: there is no such day", text)
	}
	return s, nil
}

// wrongField says which field the parser does not take, and what that field takes; the parser speaks of neither.
func wrongField(text string) string {
	if strings.HasPrefix(text, "@") {
		return text + " is not known; there are @hourly, @daily, @weekly, @monthly and @yearly"
	}
	takes := [5]struct{ name, values string }{
		{"minute", "0 to 59"}, {"hour", "0 to 23"}, {"day of the month", "1 to 31"}, {"month", "1 to 12 or jan to dec"}, {"weekday", "0 (Sunday) to 6 or sun to sat"},
	}
	for i, field := range strings.Fields(text) {
		alone := [5]string{"*", "*", "*", "*", "*"}
		alone[i] = field
		if _, err := cron.ParseStandard(strings.Join(alone[:], " ")); err != nil {
			return fmt.Sprintf("the %s is %q, and takes %s: one, a list (1,3), a range (1-5, the lower first) or steps (*/2)", takes[i].name, field, takes[i].values)
		}
	}
	return "it cannot be read"
}

// String is the schedule with its zone.
func (s Schedule) String() string { return s.text + " " + s.zone.String() }

// Zone is the time zone of the schedule.
func (s Schedule) Zone() *time.Location { return s.zone }

// Next is the first moment after t. It is zero for the zero Schedule.
func (s Schedule) Next(t time.Time) time.Time {
	if s.fields == nil {
		return time.Time{}
	}
	// What a clock on the wall shows, as if it were UTC: there every hour comes once.
	local := t.In(s.zone)
	wall := time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	for range 1000 {
		wall = s.fields.Next(wall)
		if wall.IsZero() {
			return time.Time{}
		}
		if at := onWall(wall, s.zone); at.After(t) {
			return at
		}
	}
	return time.Time{}
}

// Previous is the last moment before t, at most a year back; zero where there is none.
func (s Schedule) Previous(t time.Time) time.Time {
	const day = 24 * time.Hour
	for _, back := range []time.Duration{2 * time.Hour, day, 8 * day, 32 * day, 366 * day} {
		var last time.Time
		for at := s.Next(t.Add(-back)); !at.IsZero() && at.Before(t); at = s.Next(at) {
			last = at
		}
		if !last.IsZero() {
			return last
		}
	}
	return time.Time{}
}

// onWall is the first moment at which a clock on the wall shows that; where it never does, the moment at which it jumps
// over it.
func onWall(wall time.Time, zone *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	begin, end := at.ZoneBounds()
	_, offset := at.Zone()
	shows := at.Unix()+int64(offset) == wall.Unix()
	switch {
	case !shows && at.Unix()+int64(offset) > wall.Unix(): // behind the jump
		return begin
	case !shows:
		return end
	case !begin.IsZero():
		_, before := begin.Add(-time.Second).Zone()
		if earlier := time.Unix(wall.Unix()-int64(before), 0).In(zone); earlier.Before(begin) {
			return earlier // shown twice: the first time
		}
	}
	return at
}
