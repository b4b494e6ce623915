package slack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	goslack "github.com/slack-go/slack"

	"bellhop/chat"
)

// AuthError tells that Slack does not accept a token: nothing will work until somebody gives another one.
type AuthError struct {
	Variable string // the environment variable that holds the token
	Code     string // Slack's word: "invalid_auth"
}

// Error implements error; it says what to do.
func (e *AuthError) Error() string {
	kind, where := "a bot token (xoxb-…)", "OAuth & Permissions"
	if e.Variable == appTokenVariable {
		kind, where = "an app-level token (xapp-…) with the scope "+AppTokenScope, "Basic Information → App-Level Tokens"
	}
	return fmt.Sprintf("Slack refuses %s (%s): it must be %s of this app; find it under %s at https://api.slack.com/apps",
		e.Variable, e.Code, kind, where)
}

const (
	botTokenVariable = "SLACK_BOT_TOKEN"
	appTokenVariable = "SLACK_APP_TOKEN"
)

// ScopeError tells that a token lacks a scope.
type ScopeError struct {
	Method string
	Needed string // as Slack says it
}

// Error implements error.
func (e *ScopeError) Error() string {
	return fmt.Sprintf("Slack's %s needs the scope %s: add it to the app (`bot manifest` lists all) and install the app again", e.Method, e.Needed)
}

// authCode tells whether one of Slack's errors means that a token is of no more use.
// https://docs.slack.dev/reference/methods/auth.test lists them.
func authCode(code string) bool {
	return slices.Contains([]string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}, code)
}

// wrongToken tells whether an error of a call means that its token is of no use. That a token is of the wrong kind says
// so only where any token of the right kind would do.
func wrongToken(method, code string) bool {
	return authCode(code) || code == "not_allowed_token_type" && (method == authTest || method == connectionsOpen)
}

// code is Slack's word for an error, or empty when the error is not Slack's.
func code(err error) string {
	if refused, ok := errors.AsType[goslack.SlackErrorResponse](err); ok {
		return refused.Err
	}
	return ""
}

// is tells whether err is one of Slack's codes.
func is(err error, codes ...string) bool { return err != nil && slices.Contains(codes, code(err)) }

// translated gives an error of a call its meaning: a refused token, a missing scope, a place where the bot may not
// post, a message that is gone. Others keep Slack's word and its explanations.
func translated(method, variable string, err error) error {
	switch word := code(err); {
	case err == nil:
		return nil
	case wrongToken(method, word):
		return fmt.Errorf("slack %s: %w", method, &AuthError{Variable: variable, Code: word})
	case word == "missing_scope":
		refused, _ := errors.AsType[goslack.SlackErrorResponse](err)
		return fmt.Errorf("slack %s: %w", method, &ScopeError{Method: method, Needed: refused.Needed})
	case slices.Contains([]string{"message_not_found", "cant_update_message", "edit_window_closed"}, word):
		return fmt.Errorf("slack %s: %w (%s)", method, chat.ErrMessageGone, word)
	case cannotPost(method) && slices.Contains([]string{
		"channel_not_found", "not_in_channel", "user_not_in_channel", "is_archived", "restricted_action",
		"restricted_action_read_only_channel", "restricted_action_thread_only_channel", "cannot_dm_bot", "messages_tab_disabled",
		"user_disabled", "user_not_visible",
	}, word):
		return fmt.Errorf("slack %s: %w (%s)", method, chat.ErrCannotPost, word)
	}
	if refused, ok := errors.AsType[goslack.SlackErrorResponse](err); ok && len(refused.ResponseMetadata.Messages) > 0 {
		return fmt.Errorf("slack %s: %w: %s", method, err, strings.Join(refused.ResponseMetadata.Messages, "; "))
	}
	return fmt.Errorf("slack %s: %w", method, err)
}

// cannotPost tells whether a method writes into a conversation.
func cannotPost(method string) bool {
	return slices.Contains([]string{chatPost, chatPostEphemeral, chatUpdate, channelOpen, fileComplete}, method)
}

// tooRich tells that Slack did not take a message's blocks, so that a plainer form is worth a try.
func tooRich(err error) bool {
	return is(err, "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long", "invalid_payload", "block_mismatch")
}

// failedThere tells that Slack says that it failed itself, and so most likely did nothing.
func failedThere(err error) bool {
	if status, ok := errors.AsType[goslack.StatusCodeError](err); ok {
		return status.Code >= 500
	}
	return is(err, "internal_error", "fatal_error", "service_unavailable", "request_timeout")
}
