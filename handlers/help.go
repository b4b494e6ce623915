package handlers

import (
	"context"
	"fmt"
	"strings"

	"bellhop/chat"
)

// helpCommand answers `help`: what the asker may do, a line a command, each with an example that works.
func helpCommand(rows func() []chat.Command, admins Admins) chat.Command {
	return chat.Command{
		Name: "help", Words: []string{"what can you do", "commands"}, Summary: "shows what you may do, with examples", Feature: chat.Ask,
		Run: func(ctx context.Context, r chat.Request) (chat.Reply, error) {
			admin, err := admins.IsAdmin(ctx, r.Person)
			if err != nil {
				return chat.Reply{}, fmt.Errorf("help: %w", err)
			}
			offered := func(row chat.Command) bool {
				return mayUse(row.Role, r.Person, admin) && !(row.Changes && r.Place.Kind == chat.Terminal)
			}
			list := chat.List{}
			for _, row := range rows() {
				if row.Name == umbrella {
					for _, sub := range row.Sub {
						if sub.Name != "help" && offered(sub) {
							list.Items = append(list.Items, helpLine(sub))
						}
					}
				} else if offered(row) {
					list.Items = append(list.Items, helpLine(row))
				}
			}
			if r.Place.Kind == chat.Terminal {
				return chat.Reply{Headline: chat.Line(chat.Bold("What can be asked here")), Parts: []chat.Part{list}}, nil
			}
			reply := chat.Reply{
				Headline: chat.Line(chat.Bold("Ask, deploy, know")),
				Parts: []chat.Part{list, chat.Context{Text: append(chat.Textf("Each is also a word after `/%s` and after mentioning me, in threads too: ", umbrella),
					chat.AtBot{After: " who owns payments?"})}},
			}
			if titles := shortcutTitles(rows()); titles != "" {
				reply.Parts = append(reply.Parts, chat.Context{Text: chat.Line(chat.Plain("In the menu of every message (⋮): "), chat.Bold(titles))})
			}
			if notAMember(r.Person.Standing) != "" {
				reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("You are not a full member of this workspace, so you see what can be looked up; changing things is for members.")})
			}
			return reply, nil
		},
	}
}

// shortcutTitles are what the menu of every message offers.
func shortcutTitles(rows []chat.Command) string {
	var titles []string
	for _, row := range rows {
		for _, action := range row.Actions {
			if action.Shortcut != "" {
				titles = append(titles, action.Shortcut)
			}
		}
	}
	return strings.Join(titles, ", ")
}

// helpLine is a row as help shows it: how it is typed, what it does, an example that works in the demo.
func helpLine(row chat.Command) chat.Text {
	line := chat.Line(chat.Code(usageLine(row)), chat.Plain(" "+row.Summary))
	if len(row.Examples) > 0 && row.Examples[0] != "" {
		line = append(line, chat.Plain(" · e.g. "), chat.Code(strings.TrimSpace(typed(row)+" "+row.Examples[0])))
	}
	return line
}

// typed is a row's own words as they are typed in Slack.
func typed(row chat.Command) string {
	if row.Slash {
		return "/" + row.Name
	}
	return "/" + umbrella + " " + row.Name
}

// usageLine is how a row is typed in Slack.
func usageLine(row chat.Command) string { return strings.TrimSpace(typed(row) + " " + row.Usage) }

// mayUse tells whether somebody may use what asks for a role.
func mayUse(role chat.Role, p chat.Person, admin bool) bool {
	switch role {
	case chat.Anyone:
		return true
	case chat.Members:
		return notAMember(p.Standing) == ""
	default:
		return admin && notAMember(p.Standing) == ""
	}
}

// Markdown is the table of commands as it stands in the README.
func Markdown(rows []chat.Command) string {
	var b strings.Builder
	b.WriteString("| Command | What it does | For example | Who may |\n| --- | --- | --- | --- |\n")
	for _, row := range rows {
		markdownRow(&b, row, typed(row))
		for _, sub := range row.Sub {
			markdownRow(&b, sub, "/"+row.Name+" "+sub.Name)
		}
	}
	return b.String()
}

func markdownRow(b *strings.Builder, row chat.Command, typed string) {
	example := ""
	if len(row.Examples) > 0 {
		example = "`" + strings.TrimSpace(typed+" "+row.Examples[0]) + "`"
	}
	usage := strings.TrimSpace(typed + " " + row.Usage)
	who := map[chat.Role]string{chat.Anyone: "everyone", chat.Members: "full members", chat.Admins: "administrators"}[row.Role]
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", strings.ReplaceAll(usage, "|", `\|`), row.Summary, strings.ReplaceAll(example, "|", `\|`), who)
}
