package slack

import (
	"fmt"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// Slack's limits. https://docs.slack.dev/reference/block-kit/blocks and /block-elements give the numbers, in characters.
const (
	maxText        = 3000 // of a section's or context's text
	maxHeader      = 150
	maxField       = 2000 // of one field of a section
	maxFields      = 10   // of a section
	maxElements    = 25   // of an actions block
	maxButton      = 75   // of a button's text
	maxValue       = 2000 // of a button's value
	maxActionID    = 255
	maxOptions     = 100 // of a menu
	maxOption      = 75  // of an option's text and description
	maxOptionValue = 150
	maxURL         = 3000
	maxAlt         = 2000 // of a picture's words
	maxFallback    = 3000 // of a message's text; Slack calls over 4,000 bad and cuts at 40,000
)

// surface is where blocks are shown, with what fits there.
type surface struct {
	blocks int
	chars  int  // of all texts together
	rich   bool // data_table and data_visualization are worth a try
}

// A message holds 50 blocks. Its texts together may have about 10,000 characters, which Slack does not document and
// refuses as msg_blocks_too_long; a twentieth of it is left for what Slack might count otherwise. A view holds 100 blocks.
var (
	messageSurface = surface{blocks: 50, chars: 9500, rich: true}
	plainSurface   = surface{blocks: 50, chars: 9500}
	homeSurface    = surface{blocks: 100, chars: 30_000}
)

// sheet is a rendered reply.
type sheet struct {
	text   string // what notifications, old clients and screen readers get
	blocks []goslack.Block
	rich   bool // holds blocks that a workspace may refuse
}

// sheet renders a reply for a surface. pictures are the Slack file ids of the reply's images by their place among its
// parts; a picture without one is shown by its words.
func (rr renderer) sheet(r chat.Reply, on surface, pictures map[int]string) sheet {
	b := &builder{rr: rr, on: on, charsLeft: on.chars, blocksLeft: on.blocks, actions: map[string]int{}}
	controls := make([][]goslack.Block, len(r.Parts))
	const noteBlocks, noteChars = 1, 100 // for the note about what was left out
	b.charsLeft -= noteChars
	b.blocksLeft -= noteBlocks
	b.text(r.Headline)
	for i, part := range r.Parts { // what can be pressed is what an answer is for: it gets its place first
		controls[i] = b.controls(part)
	}
	for i, part := range r.Parts {
		if controls[i] != nil {
			b.blocks = append(b.blocks, controls[i]...)
			continue
		}
		b.part(part, pictures[i])
	}
	if b.lost > 0 {
		b.blocks = append(b.blocks, contextBlock(fmt.Sprintf("… about %d more characters did not fit into this message.", b.lost)))
	}
	nameRows(b.blocks)
	return sheet{text: fallback(rr, r), blocks: b.blocks, rich: b.rich}
}

// nameRows gives every row of controls the same block_id in each edition of a message. Slack would make up a new one for
// each edit, and a card is edited while somebody is about to press its button.
func nameRows(blocks []goslack.Block) {
	rows := 0
	for _, block := range blocks {
		if row, ok := block.(*goslack.ActionBlock); ok {
			rows++
			row.BlockID = fmt.Sprintf("controls-%d", rows)
		}
	}
}

// fallback is a message's text: the headline, which stands alone, in words.
func fallback(rr renderer, r chat.Reply) string {
	rr.words = true
	if text := rr.cut(r.Headline, maxFallback); text != "" {
		return text
	}
	return escaper.Replace(firstOf(clean(cutString(r.Text(nil), maxFallback/5)), "–")) // an entity has at most five characters
}

// builder puts blocks on a surface until it is full.
type builder struct {
	rr                    renderer
	on                    surface
	blocks                []goslack.Block
	charsLeft, blocksLeft int
	lost                  int // characters that did not fit
	rich                  bool
	tables, charts        int
	actions               map[string]int // how often each action is there: ids must differ within a block
}

// add puts a block that takes n characters; false when it does not fit.
func (b *builder) add(block goslack.Block, n int) bool {
	if b.lost > 0 || b.blocksLeft < 1 || b.charsLeft < n {
		b.lost += n
		return false
	}
	b.blocksLeft--
	b.charsLeft -= n
	b.blocks = append(b.blocks, block)
	return true
}

// part renders what is shown; what is pressed is rendered by controls.
func (b *builder) part(part chat.Part, picture string) {
	switch p := part.(type) {
	case chat.Heading:
		text := plainText(string(p), maxHeader)
		b.add(goslack.NewHeaderBlock(text), size(text.Text))
	case chat.Paragraph:
		b.text(p.Text)
	case chat.Fields:
		b.fields(p)
	case chat.List:
		b.list(p)
	case chat.Table:
		b.table(p)
	case chat.Chart:
		b.chart(p)
	case chat.Progress:
		line := chat.Text{chat.Plain(p.Bar())}
		if len(p.Label) > 0 {
			line = append(append(line, chat.Plain(" · ")), p.Label...)
		}
		b.text(line)
	case chat.Image:
		b.image(p, picture)
	case chat.File:
		b.context(chat.Line(chat.Plain("📄 "), chat.Code(p.Name)))
	case chat.Context:
		b.context(p.Text)
	}
}

// text puts running text in as many sections as it takes.
func (b *builder) text(t chat.Text) {
	for len(t) > 0 {
		room := min(maxText, b.charsLeft)
		if b.lost > 0 || b.blocksLeft < 1 || room < 100 {
			b.lost += size(b.rr.mrkdwn(t))
			return
		}
		var head chat.Text
		head, t = b.rr.split(t, room)
		if text := b.rr.mrkdwn(head); text != "" {
			b.add(goslack.NewSectionBlock(mrkdwnText(text), nil, nil), size(text))
		}
	}
}

// fields puts facts, ten a section, which Slack shows in two columns.
func (b *builder) fields(fields chat.Fields) {
	for len(fields) > 0 {
		var texts []*goslack.TextBlockObject
		total := 0
		for _, f := range fields[:min(maxFields, len(fields))] {
			label := marked("*", cutString(clean(f.Label), 200))
			text := label + "\n" + firstOf(b.rr.cut(f.Value, maxField-size(label)-1), "–")
			texts = append(texts, mrkdwnText(text))
			total += size(text)
		}
		fields = fields[len(texts):]
		b.add(goslack.NewSectionBlock(nil, texts, nil), total)
	}
}

// list puts items, several a section, and says how many are left out.
func (b *builder) list(l chat.List) {
	const moreChars = 40
	lines := make([]string, 0, len(l.Items)+1)
	if l.Title != "" {
		lines = append(lines, marked("*", cutString(clean(l.Title), 300)))
	}
	titles := len(lines)
	for _, item := range l.Items {
		lines = append(lines, "• "+b.rr.cut(item, maxText-moreChars-2))
	}
	room := b.charsLeft - moreChars
	fit, sections := 0, []string{""}
	for _, line := range lines {
		last := len(sections) - 1
		grown := size(sections[last]) + size(line) + 1
		if b.lost > 0 || size(line)+1 > room || (grown > maxText-moreChars && len(sections) >= b.blocksLeft) {
			break
		}
		if grown > maxText-moreChars {
			sections = append(sections, line)
		} else if sections[last] == "" {
			sections[last] = line
		} else {
			sections[last] += "\n" + line
		}
		room -= size(line) + 1
		fit++
	}
	if more := l.More + len(lines) - max(fit, titles); more > 0 {
		sections[len(sections)-1] += fmt.Sprintf("\n… and %d more", more)
	}
	for _, text := range sections {
		if text != "" {
			b.add(goslack.NewSectionBlock(mrkdwnText(text), nil, nil), size(text))
		}
	}
}

func (b *builder) context(t chat.Text) {
	const contextLimit = 2000
	if text := b.rr.cut(t, contextLimit); text != "" {
		b.add(contextBlock(text), size(text))
	}
}

// image puts a picture that Slack has, or its words.
func (b *builder) image(p chat.Image, picture string) {
	alt := cutString(firstOf(clean(p.Alt), p.Name), maxAlt)
	if picture == "" {
		b.context(chat.Line(chat.Plain("🖼 " + alt)))
		return
	}
	b.add(goslack.NewImageBlockSlackFile(&goslack.SlackFileObject{ID: picture}, alt, "", nil), size(alt))
}

func contextBlock(text string) goslack.Block {
	return goslack.NewContextBlock("", mrkdwnText(text))
}

// mrkdwnText is a text object that Slack takes as it is: no address or name in it is made into a link.
func mrkdwnText(text string) *goslack.TextBlockObject {
	return goslack.NewTextBlockObject(goslack.MarkdownType, text, false, true)
}

// plainText is a text object without any markup, at most limit characters; Slack takes no empty one.
func plainText(text string, limit int) *goslack.TextBlockObject {
	return goslack.NewTextBlockObject(goslack.PlainTextType, cutString(firstOf(clean(text), "–"), limit), true, false)
}
