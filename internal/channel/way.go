package channel

// ByHand says how a channel that is no subscription is set up, in one line.
func (c Channel) ByHand() string {
	connect := "; 'monitorctl channels " + string(c.Form) + "' has the steps"
	switch c.Form {
	case Slack:
		return "authorize the workspace once in the console of Amazon Q Developer in chat applications, then create a Slack channel configuration with the alerts topic" + connect
	case MSTeams:
		return "authorize the tenant once in the console of Amazon Q Developer in chat applications, then create a Microsoft Teams channel configuration with the alerts topic" + connect
	case ServiceNow, Zendesk, Webhook:
		return "create a connection and an API destination, and make it a target of the rule" + connect
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
	case ServiceNow:
		return destinationSteps("BASIC", "https://INSTANCE.service-now.com/api/now/table/incident")
	case Zendesk:
		return destinationSteps("BASIC", "https://SUBDOMAIN.zendesk.com/api/v2/tickets.json")
	case Webhook:
		return destinationSteps("API_KEY", "URL")
	default:
		return nil
	}
}

func destinationSteps(auth, url string) []string {
	return []string{
		"aws events create-connection --name monitorctl --authorization-type " + auth + " --auth-parameters file://PARAMETERS",
		"aws events create-api-destination --name monitorctl --connection-arn CONNECTION --http-method POST --invocation-endpoint " + url,
		"aws events put-targets --rule RULE --targets file://TARGET (the API destination, a role that may call it, and the template that 'monitorctl channels --message' prints)",
	}
}
