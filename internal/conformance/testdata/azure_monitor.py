"""Writes and lists alert rules and action groups with Microsoft's own client.

Arguments: endpoint, subscription, tenant. It writes one group and one rule for each
operation on standard input (one a line), lists what is there, and prints what the
client understood of it as JSON.
"""
import json
import sys

from azure.identity import ClientSecretCredential
from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.monitor import models

endpoint, subscription, tenant = sys.argv[1:]
credential = ClientSecretCredential(
    tenant, "11111111-0000-0000-0000-000000000000", "secret", authority=endpoint, disable_instance_discovery=True
)
client = MonitorManagementClient(credential, subscription, base_url=endpoint, credential_scopes=[endpoint + "/.default"])

group = client.action_groups.create_or_update(
    "monitoring",
    "ops",
    models.ActionGroupResource(
        location="Global",
        group_short_name="ops",
        enabled=True,
        email_receivers=[models.EmailReceiver(name="security", email_address="security@example.com", use_common_alert_schema=True)],
    ),
)
for number, operation in enumerate(line.strip() for line in sys.stdin):
    client.activity_log_alerts.create_or_update(
        "monitoring",
        f"rule{number}",
        models.ActivityLogAlertResource(
            location="global",
            scopes=[f"/subscriptions/{subscription}"],
            condition=models.AlertRuleAllOfCondition(
                all_of=[
                    models.AlertRuleAnyOfOrLeafCondition(field="category", equals="Administrative"),
                    models.AlertRuleAnyOfOrLeafCondition(field="operationName", equals=operation),
                ]
            ),
            actions=models.ActionList(action_groups=[models.ActionGroup(action_group_id=group.id)]),
        ),
    )

print(
    json.dumps(
        {
            "rules": [
                {
                    "name": r.name,
                    "enabled": r.enabled,
                    "scopes": r.scopes,
                    "leaves": {leaf.field: leaf.equals for leaf in r.condition.all_of},
                    "groups": [g.action_group_id for g in r.actions.action_groups],
                }
                for r in client.activity_log_alerts.list_by_subscription_id()
            ],
            "groups": [
                {"name": g.name, "enabled": g.enabled, "emails": {e.name: e.status for e in g.email_receivers}}
                for g in client.action_groups.list_by_subscription_id()
            ],
        }
    )
)
