"""Runs Prowler's own checks of alert rules, read by Prowler's own code with Microsoft's
client.

Arguments: endpoint, tenant. Each line of standard input is the id of a subscription. It
prints as JSON what each check says of each: {subscription: {check: PASS or FAIL}}.

What Prowler signs in with, and what reads other services, is not imported: the names
that its modules take from there are bound here before.
"""
import importlib
import json
import pkgutil
import sys
import types

from azure.identity import ClientSecretCredential
from azure.mgmt.monitor import MonitorManagementClient


def bind(name, **values):
    module = types.ModuleType(name)
    module.__dict__.update(values)
    sys.modules[name] = module


package = "prowler.providers.azure.services.monitor"
shared = types.SimpleNamespace(alert_rules={}, subscriptions={})
bind("prowler.providers.azure.azure_provider", AzureProvider=object)
bind("prowler.providers.azure.lib.service.service", AzureService=object)
bind(package + ".monitor_client", monitor_client=shared)
service = importlib.import_module(package + ".monitor_service")

endpoint, tenant = sys.argv[1:]
credential = ClientSecretCredential(
    tenant, "11111111-0000-0000-0000-000000000000", "secret", authority=endpoint, disable_instance_discovery=True
)
subscriptions = [line.strip() for line in sys.stdin]
reader = types.SimpleNamespace(
    clients={
        s: MonitorManagementClient(credential, s, base_url=endpoint, credential_scopes=[endpoint + "/.default"])
        for s in subscriptions
    }
)
shared.alert_rules = service.Monitor.get_alert_rules(reader)

verdicts = {s: {} for s in subscriptions}
for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
    if not found.name.startswith("monitor_alert_"):
        continue
    check = getattr(importlib.import_module(f"{package}.{found.name}.{found.name}"), found.name)
    for report in check().execute():
        verdicts[report.subscription][found.name] = report.status
print(json.dumps({"verdicts": verdicts, "rules": {s: len(r) for s, r in shared.alert_rules.items()}}))
