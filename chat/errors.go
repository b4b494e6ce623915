package chat

import (
	"errors"
	"fmt"
)

// UserError is an error that people see as it is: it says what is wrong in their words and what to do next.
type UserError struct {
	Message string // as it was written, for logs
	Text    Text   // as it is shown
	Parts   []Part // shown under the message: suggestions as buttons
}

// Error implements error.
func (e *UserError) Error() string { return e.Message }

// Errorf is a UserError, formatted as by Textf.
func Errorf(format string, args ...any) error {
	return &UserError{Message: fmt.Sprintf(format, args...), Text: Textf(format, args...)}
}

// ErrorWith is a UserError with buttons or menus under it.
func ErrorWith(message string, parts ...Part) error {
	return &UserError{Message: message, Text: Line(Plain(message)), Parts: parts}
}

// ErrCannotPost tells that the bot is not in a conversation or may not write there.
var ErrCannotPost = errors.New("the bot cannot post there")

// ErrMessageGone tells that a message to be edited is no longer there.
var ErrMessageGone = errors.New("the message is gone")
