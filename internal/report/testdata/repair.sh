(
set -eu
export LC_ALL=C AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off
refuse() { printf '%s\n' "$1; nothing was written" >&2; exit 1; }
answer=$(aws --region 'eu-central-1' --output json sts get-caller-identity --query Account)
[ "$answer" = '"111122223333"' ] || refuse "the credentials are those of account $answer, not of 111122223333"
aws --region 'eu-central-1' --output json logs put-metric-filter --cli-input-json '{"filterName":"SecurityGroupConfigChanges","filterPattern":"{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }","logGroupName":"/aws/cloudtrail/org","metricTransformations":[{"defaultValue":0,"metricName":"SecurityGroupEventCount","metricNamespace":"CloudTrailMetrics","metricValue":"1","unit":"None"}]}' >/dev/null
aws --region 'eu-central-1' --output json cloudwatch put-metric-alarm --cli-input-json '{"ActionsEnabled":true,"AlarmActions":["arn:aws:sns:eu-central-1:111122223333:security"],"AlarmDescription":"Triggered by security group changes.","AlarmName":"SecurityGroupConfigChangesAlarm","ComparisonOperator":"GreaterThanOrEqualToThreshold","DatapointsToAlarm":1,"EvaluationPeriods":1,"MetricName":"SecurityGroupEventCount","Namespace":"CloudTrailMetrics","Period":300,"Statistic":"Sum","Tags":[{"Key":"monitorctl:managed","Value":"true"}],"Threshold":1,"TreatMissingData":"notBreaching"}' >/dev/null
)
