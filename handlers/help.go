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
			list := chat.List{}
			for _, row := range rows() {
				if mayUse(row.Role, r.Person, admin) {
					list.Items = append(list.Items, helpLine(row, r.Place.Kind == chat.Terminal))
				}
			}
			reply := chat.Reply{Headline: chat.Line(chat.Bold("Ask, deploy, know"), chat.Plain(" — here, or by mentioning me in a thread.")), Parts: []chat.Part{list}}
			if notAMember(r.Person.Standing) != "" {
				reply.Parts = append(reply.Parts, chat.Context{Text: chat.Textf("You are not a full member of this workspace, so you see what can be looked up; changing things is for members.")})
			}
			return reply, nil
		},
	}
}

// helpLine is a row as help shows it: how it is typed, what it does, an example.
func helpLine(row chat.Command, terminal bool) chat.Text {
	typed := usageLine(row)
	if terminal {
		typed = strings.TrimPrefix(typed, "/")
	}
	line := chat.Line(chat.Code(typed), chat.Plain(" "+row.Summary))
	if len(row.Examples) > 0 {
		line = append(line, chat.Plain(" · e.g. "), chat.Code(strings.TrimSpace(row.Name+" "+row.Examples[0])))
	}
	return line
}

// usageLine is how a row is typed in Slack.
func usageLine(row chat.Command) string {
	word := "/" + row.Name
	if !row.Slash {
		word = "/" + umbrella + " " + row.Name
	}
	return strings.TrimSpace(word + " " + row.Usage)
}

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
		markdownRow(&b, row, "")
		for _, sub := range row.Sub {
			markdownRow(&b, sub, "/"+row.Name+" ")
		}
	}
	return b.String()
}

func markdownRow(b *strings.Builder, row chat.Command, under string) {
	usage, example := usageLine(row), ""
	if under != "" {
		usage = strings.TrimSpace(under + row.Name + " " + row.Usage)
	}
	if len(row.Examples) > 0 {
		example = "`" + strings.TrimSpace(row.Examples[0]) + "`"
		if under != "" || row.Slash {
			example = "`" + strings.TrimSpace(strings.TrimSuffix(usage, row.Usage)+row.Examples[0]) + "`"
		}
	}
	who := map[chat.Role]string{chat.Anyone: "everyone", chat.Members: "full members", chat.Admins: "administrators"}[row.Role]
	fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", strings.ReplaceAll(usage, "|", `\|`), row.Summary, strings.ReplaceAll(example, "|", `\|`), who)
}
