// Package channel is the table of the forms in which someone to notify is written: email,
// sms, http, https, sqs, lambda, slack, teams, pagerduty, servicenow, zendesk, webhook. It
// says what is wrong with one, shows it without its secret, and says what it becomes on
// each transport and what a person must still do.
//
// A form that a transport cannot use is refused with the one that works. Incoming webhooks
// of chats are the common case: they never fetch the SubscribeURL that SNS sends, so a
// subscription of one stays pending.
//
// Sources: SNS developer guide, "HTTP/HTTPS endpoint subscription"; API reference of AWS
// Chatbot, CreateSlackChannelConfiguration and CreateMicrosoftTeamsChannelConfiguration;
// EventBridge user guide, "API destinations"; developer documentation of PagerDuty (Events
// API v2), ServiceNow (Table API) and Zendesk (Tickets).
package channel
