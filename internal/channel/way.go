package channel

// ByHand says how a channel that is no subscription is set up, in one line.
func (c Channel) ByHand() string {
	connect := "; 'monitorctl channels " + string(c.Form) + "' has the steps"
	switch c.Form {
	case Slack:
		return "authorize the workspace once in the console of Amazon Q Developer in chat applications, then create a Slack channel configuration with the alerts topic" + connect
	case MSTeams:
		return "authorize the tenant once in the console of Amazon Q Developer in chat applications, then create a Microsoft Teams channel configuration with the alerts topic" + connect
	default:
		return ""
	}
}

// Steps returns what is done by hand for a form, in order: AWS CLI commands, and what has
// no API. Capitals stand for what is known only there. Nil where apply does it all.
func Steps(f Form) []string {
	const assumed = "a role that chatbot.amazonaws.com may assume"
	switch f {
	case Slack:
		return []string{
			"console of Amazon Q Developer in chat applications: configure a client for Slack, and authorize the workspace",
			"in a private channel: /invite @Amazon Q",
			"aws chatbot create-slack-channel-configuration --configuration-name monitorctl --slack-team-id WORKSPACE --slack-channel-id CHANNEL --iam-role-arn ROLE --sns-topic-arns TOPIC (ROLE: " + assumed + ")",
		}
	case MSTeams:
		return []string{
			"console of Amazon Q Developer in chat applications: configure a client for Microsoft Teams, and authorize the tenant",
			"aws chatbot create-microsoft-teams-channel-configuration --configuration-name monitorctl --team-id TEAM --channel-id CHANNEL --tenant-id TENANT --iam-role-arn ROLE --sns-topic-arns TOPIC (ROLE: " + assumed + ")",
		}
	default:
		return nil
	}
}
