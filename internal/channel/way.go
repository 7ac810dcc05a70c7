package channel

// ByHand says what a person must do before apply can connect a channel, in one line.
func (c Channel) ByHand() string {
	connect := "; 'monitorctl channels " + string(c.Form) + "' has the steps"
	switch c.Form {
	case Slack:
		return "authorize the workspace once in the console of Amazon Q Developer in chat applications, which has no API for it" + connect
	case MSTeams:
		return "authorize the tenant once in the console of Amazon Q Developer in chat applications, which has no API for it" + connect
	default:
		return ""
	}
}

// Steps returns what a person must do before apply can connect a channel of a form, in
// order: none of it has an API. Nil where apply does it all.
func Steps(f Form) []string {
	switch f {
	case Slack:
		return []string{
			"console of Amazon Q Developer in chat applications: configure a client for Slack, and authorize the workspace",
			"in a private channel: /invite @Amazon Q",
		}
	case MSTeams:
		return []string{
			"console of Amazon Q Developer in chat applications: configure a client for Microsoft Teams, and authorize the tenant",
			"in Microsoft Teams: add the app Amazon Q Developer to the team",
		}
	default:
		return nil
	}
}
