package slack

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// World is a workspace before anybody said anything, in Slack's own JSON shapes.
type World struct {
	Team       Team        `json:"team"`
	App        App         `json:"app"`
	Users      []User      `json:"users"`
	Channels   []Channel   `json:"channels"`
	Usergroups []Usergroup `json:"usergroups"`
}

// Team is the workspace itself.
type Team struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Domain      string `json:"domain"`
	EmailDomain string `json:"email_domain,omitempty"`
}

// App is the one installed app: its ids and its two tokens.
type App struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	BotID    string `json:"bot_id"`
	UserID   string `json:"user_id"`
	BotToken string `json:"bot_token"`
	AppToken string `json:"app_token"`
}

// User is a person or a bot as users.info shows it.
type User struct {
	ID                string  `json:"id"`
	TeamID            string  `json:"team_id"`
	Name              string  `json:"name"`
	Deleted           bool    `json:"deleted"`
	Color             string  `json:"color,omitempty"`
	RealName          string  `json:"real_name"`
	TZ                string  `json:"tz,omitempty"`
	TZLabel           string  `json:"tz_label,omitempty"`
	TZOffset          int     `json:"tz_offset"`
	Profile           Profile `json:"profile"`
	IsAdmin           bool    `json:"is_admin"`
	IsOwner           bool    `json:"is_owner"`
	IsPrimaryOwner    bool    `json:"is_primary_owner"`
	IsRestricted      bool    `json:"is_restricted"`
	IsUltraRestricted bool    `json:"is_ultra_restricted"`
	IsBot             bool    `json:"is_bot"`
	IsAppUser         bool    `json:"is_app_user"`
	IsStranger        bool    `json:"is_stranger,omitempty"`
	IsEmailConfirmed  bool    `json:"is_email_confirmed"`
	Updated           int64   `json:"updated"`
}

// Profile is the part of a User that people fill in.
type Profile struct {
	Title                 string `json:"title"`
	RealName              string `json:"real_name"`
	RealNameNormalized    string `json:"real_name_normalized"`
	DisplayName           string `json:"display_name"`
	DisplayNameNormalized string `json:"display_name_normalized"`
	Email                 string `json:"email,omitempty"`
	Team                  string `json:"team"`
	Image72               string `json:"image_72,omitempty"`
	BotID                 string `json:"bot_id,omitempty"`
	APIAppID              string `json:"api_app_id,omitempty"`
	StatusText            string `json:"status_text"`
	StatusEmoji           string `json:"status_emoji"`
}

// Channel is a conversation. User is set for direct messages alone. Members are user ids, the bot's among them where
// it was invited.
type Channel struct {
	ID         string   `json:"id"`
	Name       string   `json:"name,omitempty"`
	IsPrivate  bool     `json:"is_private,omitempty"`
	IsIM       bool     `json:"is_im,omitempty"`
	IsGeneral  bool     `json:"is_general,omitempty"`
	IsArchived bool     `json:"is_archived,omitempty"`
	Topic      string   `json:"topic,omitempty"`
	Purpose    string   `json:"purpose,omitempty"`
	Created    int64    `json:"created,omitempty"`
	Creator    string   `json:"creator,omitempty"`
	User       string   `json:"user,omitempty"`
	Members    []string `json:"members,omitempty"`
}

// Usergroup is a named group of people that can be mentioned as one.
type Usergroup struct {
	ID          string   `json:"id"`
	Handle      string   `json:"handle"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	IsDisabled  bool     `json:"is_disabled,omitempty"`
	Users       []string `json:"users"`
}

// ParseWorld decodes a workspace and fills in what follows from the rest (the bot's own user, names in profiles).
// Unknown keys and references to people who do not exist are errors.
func ParseWorld(data []byte) (World, error) {
	var w World
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return World{}, fmt.Errorf("decode slack world: %w", err)
	}
	if w.Team.ID == "" || w.App.ID == "" || w.App.UserID == "" || w.App.BotToken == "" || w.App.AppToken == "" {
		return World{}, fmt.Errorf("slack world: team.id, app.id, app.user_id, app.bot_token and app.app_token are needed")
	}
	w.addBot()
	known := map[string]bool{}
	for i := range w.Users {
		w.Users[i].complete(w.Team.ID)
		if known[w.Users[i].ID] {
			return World{}, fmt.Errorf("slack world: user %s is there twice", w.Users[i].ID)
		}
		known[w.Users[i].ID] = true
	}
	for _, c := range w.Channels {
		if err := onlyKnown(known, c.Members); err != nil {
			return World{}, fmt.Errorf("slack world: channel %s: %w", c.ID, err)
		}
	}
	for _, g := range w.Usergroups {
		if err := onlyKnown(known, g.Users); err != nil {
			return World{}, fmt.Errorf("slack world: usergroup %s: %w", g.ID, err)
		}
	}
	return w, nil
}

func (w *World) addBot() {
	for _, u := range w.Users {
		if u.ID == w.App.UserID {
			return
		}
	}
	w.Users = append(w.Users, User{
		ID: w.App.UserID, TeamID: w.Team.ID, Name: w.App.Name, RealName: w.App.Name, IsBot: true,
		Profile: Profile{BotID: w.App.BotID, APIAppID: w.App.ID},
	})
}

func (u *User) complete(team string) {
	if u.TeamID == "" {
		u.TeamID = team
	}
	if u.Profile.RealName == "" {
		u.Profile.RealName = u.RealName
	}
	if u.Profile.DisplayName == "" {
		u.Profile.DisplayName = u.Name
	}
	u.Profile.RealNameNormalized = u.Profile.RealName
	u.Profile.DisplayNameNormalized = u.Profile.DisplayName
	u.Profile.Team = u.TeamID
}

func onlyKnown(known map[string]bool, ids []string) error {
	for _, id := range ids {
		if !known[id] {
			return fmt.Errorf("no user %s", id)
		}
	}
	return nil
}
