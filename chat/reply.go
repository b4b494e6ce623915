package chat

// Audience is where a Reply goes.
type Audience int

// The audiences. Where a place has no such audience (a terminal, a direct message) the nearest one is taken.
const (
	// OnlyYou is seen by the asker alone.
	OnlyYou Audience = iota
	// Here is the conversation of the request: its thread if it has one, else the channel.
	Here
	// InThread is the thread of the request's message.
	InThread
	// InThreadBroadcast is the thread, shown in the channel as well.
	InThreadBroadcast
	// DirectMessage is the asker's conversation with the bot.
	DirectMessage
	// InPlace takes the place of the message whose button was pressed.
	InPlace
	// Silent says nothing: the change is seen elsewhere, on a card.
	Silent
)

// Reply is an answer as a value. Headline is the answer itself and must stand alone: it is the notification, the
// first line, and all a terminal's or a screen reader's user may wait for.
type Reply struct {
	To       Audience
	Headline Text
	Parts    []Part
	// Form, if set, is opened instead of a message.
	Form *Form
}

// Part is a piece of a Reply under its headline: Heading, Paragraph, Fields, List, Table, Chart, Progress, Image, File,
// Context, Buttons or Menu.
type Part interface{ isPart() }

type (
	// Heading stands over the parts that follow it.
	Heading string
	// Paragraph is running text.
	Paragraph struct{ Text Text }
	// Fields are short facts, a label each.
	Fields []Field
	// Field is one fact.
	Field struct {
		Label string
		Value Text
	}
	// List is items under an optional title; More counts those left out.
	List struct {
		Title string
		Items []Text
		More  int
	}
	// Table has a heading per column; More counts rows left out.
	Table struct {
		Title   string
		Columns []string
		Rows    [][]Text
		More    int
	}
	// Chart is a drawing of numbers; every series has a value for each label.
	Chart struct {
		Title  string
		Kind   ChartKind
		Labels []string
		Series []Series
	}
	// Series is one line or bar set of a Chart.
	Series struct {
		Name   string
		Values []float64
	}
	// Progress is how far something is, Done of Total.
	Progress struct {
		Done, Total int
		Label       Text
	}
	// Image is a picture, by its bytes, with what it shows in words.
	Image struct {
		Name string // file name, with its extension
		Alt  string
		Data []byte
	}
	// File is a document to download.
	File struct {
		Name string
		Data []byte
	}
	// Context is a small line of circumstances.
	Context struct{ Text Text }
	// Buttons stand in one row.
	Buttons []Button
	// Menu is a choice of one. Action receives the option's value.
	Menu struct {
		Label   string
		Action  string
		Options []Option
		// Searched menus ask the action's Options as the person types; Options above are then ignored.
		Searched bool
	}
	// Option is one choice of a menu.
	Option struct{ Label, Value, Hint string }
)

// ChartKind is how a Chart is drawn.
type ChartKind int

// The kinds of chart.
const (
	LineChart ChartKind = iota
	BarChart
)

// ButtonStyle is how much a button stands out.
type ButtonStyle int

// The styles of a button.
const (
	Default ButtonStyle = iota
	Primary
	Danger
)

// Button does Action with Value, or opens URL.
type Button struct {
	Label   string
	Action  string // `command.action`; empty for a link
	Value   string
	URL     string
	Style   ButtonStyle
	Confirm *Confirm
}

// Confirm asks once before a press counts.
type Confirm struct {
	Title, Question, Yes, No string
}

func (Heading) isPart()   {}
func (Paragraph) isPart() {}
func (Fields) isPart()    {}
func (List) isPart()      {}
func (Table) isPart()     {}
func (Chart) isPart()     {}
func (Progress) isPart()  {}
func (Image) isPart()     {}
func (File) isPart()      {}
func (Context) isPart()   {}
func (Buttons) isPart()   {}
func (Menu) isPart()      {}

// Form asks for several things at once. Submitting it calls Action with the fields.
type Form struct {
	Title  string
	Submit string
	Action string // `command.action`
	State  string // returned as Action.Value
	Intro  Text
	Fields []FormField
}

// FieldKind is what a form field takes.
type FieldKind int

// The kinds of form field.
const (
	LineField FieldKind = iota
	TextField           // several lines
	ChoiceField
	SearchField // a searched choice: its Action's Options are asked
)

// FormField is one question of a Form.
type FormField struct {
	Name     string
	Label    string
	Kind     FieldKind
	Hint     string
	Value    string // what stands there at first
	Options  []Option
	Action   string // for SearchField: `command.action` whose Options are asked
	Optional bool
}
