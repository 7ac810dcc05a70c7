"""Runs Prowler's own checks of metric filters over an account of moto, which Prowler's
own collectors read with boto3.

Arguments: endpoint, account, regions with commas. It prints as JSON what each check
says: {check: PASS, FAIL or MANUAL}.

What Prowler signs in with, and what reads other services, is not imported: the names
that its modules take from there are bound here before.
"""
import importlib
import json
import pkgutil
import sys
import types

import boto3

endpoint, account, regions = sys.argv[1], sys.argv[2], sys.argv[3].split(",")


def bind(name, **values):
    module = types.ModuleType(name)
    module.__dict__.update(values)
    sys.modules[name] = module


class Service:
    """What Prowler's collectors take from their base: clients, and who is looked at."""

    def __init__(self, service, provider, global_service=False, region=None):
        self.service = service.lower()
        self.audited_account = account
        self.audited_account_arn = "arn:aws:iam::%s:root" % account
        self.audited_partition = "aws"
        self.audit_resources, self.audited_checks = [], []
        self.audit_config, self.fixer_config = {}, {}
        self.provider = provider
        self.session = boto3
        self.region = regions[0]
        self.regional_clients = {}
        for r in regions:
            client = boto3.client(self.service, region_name=r, endpoint_url=endpoint)
            client.region = r
            self.regional_clients[r] = client
        self.client = self.regional_clients[regions[0]]

    def __threading_call__(self, call, iterator=None):
        for item in iterator if iterator is not None else self.regional_clients.values():
            call(item)

    def get_unknown_arn(self, resource_type=None, region=None):
        return "arn:aws:%s:%s:%s:unknown" % (self.service, region or "", account)


provider = types.SimpleNamespace(audit_metadata=types.SimpleNamespace(expected_checks=[]))
services = "prowler.providers.aws.services."
bind("prowler.providers.aws.aws_provider", AwsProvider=object)
bind("prowler.providers.aws.lib.service.service", AWSService=Service)
cloudtrail = importlib.import_module(services + "cloudtrail.cloudtrail_service")
cloudwatch = importlib.import_module(services + "cloudwatch.cloudwatch_service")
bind(services + "cloudtrail.cloudtrail_client", cloudtrail_client=cloudtrail.Cloudtrail(provider))
bind(services + "cloudwatch.cloudwatch_client", cloudwatch_client=cloudwatch.CloudWatch(provider))
bind(services + "cloudwatch.logs_client", logs_client=cloudwatch.Logs(provider))

package = services + "cloudwatch"
verdicts = {}
for found in pkgutil.iter_modules(importlib.import_module(package).__path__):
    if "_log_metric_filter_" not in found.name and "_changes_to_" not in found.name:
        continue
    check = getattr(importlib.import_module(f"{package}.{found.name}.{found.name}"), found.name)
    for report in check().execute():
        verdicts[found.name] = report.status
print(json.dumps(verdicts))
