package slack

import (
	"net/http"
	"strings"
)

func (s *Server) apiTest(a args) (object, error) {
	if a.has("error") {
		return nil, refuse(a.str("error"))
	}
	return object{"args": a.shown()}, nil
}

func (s *Server) authTest(args) (object, error) {
	w := s.cfg.World
	return object{
		"url": s.cfg.BaseURL + "/", "team": w.Team.Name, "user": w.App.Name, "team_id": w.Team.ID, "user_id": w.App.UserID,
		"bot_id": w.App.BotID, "is_enterprise_install": false,
	}, nil
}

func (s *Server) authTestApp() (object, error) {
	return object{"app_name": s.cfg.World.App.Name, "app_id": s.cfg.World.App.ID}, nil
}

func (s *Server) teamInfo(args) (object, error) {
	return object{"team": s.cfg.World.Team}, nil
}

func (s *Server) botsInfo(a args) (object, error) {
	app := s.cfg.World.App
	if a.has("bot") && a.str("bot") != app.BotID {
		return nil, refuse("bot_not_found")
	}
	return object{"bot": object{
		"id": app.BotID, "deleted": false, "name": app.Name, "updated": 0, "app_id": app.ID, "user_id": app.UserID,
		"icons": object{"image_36": s.cfg.BaseURL + "/assets/icon.svg"},
	}}, nil
}

// shownUser is somebody as the app may see them: an address needs a scope of its own.
func (s *Server) shownUser(u *User) *User {
	shown := *u
	if !s.manifest.granted("users:read.email") {
		shown.Profile.Email = ""
	}
	return &shown
}

func (s *Server) usersInfo(a args) (object, error) {
	u := s.state.users[a.str("user")]
	if u == nil {
		return nil, refuse("user_not_found")
	}
	return object{"user": s.shownUser(u)}, nil
}

func (s *Server) usersList(a args) (object, error) {
	var list []*User
	for _, u := range s.state.people() {
		if !u.IsStranger {
			list = append(list, s.shownUser(u))
		}
	}
	page, meta, err := paged(list, a)
	if err != nil {
		return nil, err
	}
	return object{"members": page, "cache_ts": s.now().Unix(), "response_metadata": meta}, nil
}

func (s *Server) usersLookup(a args) (object, error) {
	email := strings.TrimSpace(a.str("email"))
	for _, u := range s.state.people() {
		// Slack finds neither deactivated accounts nor people of other workspaces.
		if email != "" && strings.EqualFold(u.Profile.Email, email) && !u.Deleted && !u.IsStranger {
			return object{"user": s.shownUser(u)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func (s *Server) usergroupsList(a args) (object, error) {
	list := []object{}
	for _, g := range s.cfg.World.Usergroups {
		if g.IsDisabled && !a.flag("include_disabled") {
			continue
		}
		group := object{
			"id": g.ID, "team_id": s.cfg.World.Team.ID, "is_usergroup": true, "is_subteam": true, "name": g.Name,
			"description": g.Description, "handle": g.Handle, "is_external": false, "date_create": 0, "date_update": 0,
			"date_delete": 0, "auto_type": nil, "created_by": "", "updated_by": "", "deleted_by": nil,
			"prefs": object{"channels": []string{}, "groups": []string{}}, "user_count": len(g.Users), "channel_count": 0,
		}
		if g.IsDisabled {
			group["date_delete"] = 1
		}
		if a.flag("include_users") {
			group["users"] = g.Users
		}
		list = append(list, group)
	}
	return object{"usergroups": list}, nil
}

func (s *Server) usergroupsUsers(a args) (object, error) {
	for _, g := range s.cfg.World.Usergroups {
		if g.ID == a.str("usergroup") && (!g.IsDisabled || a.flag("include_disabled")) {
			return object{"users": g.Users}, nil
		}
	}
	return nil, refuse("no_such_subteam")
}

// controlPerson deactivates somebody's account, as an administrator of the workspace does, or lets them in again.
func (s *Server) controlPerson(r *http.Request) (object, error) {
	var in struct {
		User        string `json:"user"`
		Deactivated bool   `json:"deactivated"`
	}
	if err := readControl(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.state.person(in.User)
	if u == nil || u.IsBot {
		return nil, refuse("user_not_found")
	}
	fresh := *u
	fresh.Deleted, fresh.Updated = in.Deactivated, s.now().Unix()
	s.commit(change{User: &fresh}, note{Type: "person", User: fresh.ID})
	s.emit("user_change", object{"type": "user_change", "user": asJSON(s.shownUser(&fresh)), "cache_ts": fresh.Updated})
	return object{}, nil
}
