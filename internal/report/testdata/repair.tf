# CloudTrail alarms for account 111122223333 in eu-central-1. Use it in a root module or as a
# module; a provider for that region is all that it needs.

locals {
  log_group = "/aws/cloudtrail/org"

  filters = {
    # 4.10 Security group changes
    "security-group-changes" = {
      name      = "SecurityGroupConfigChanges"
      namespace = "CloudTrailMetrics"
      metric    = "SecurityGroupEventCount"
      pattern   = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
    }
  }

  alarms = {
    # 4.10 Security group changes
    # notifies security
    "security-group-changes" = {
      name        = "SecurityGroupConfigChangesAlarm"
      description = "Triggered by security group changes."
      namespace   = "CloudTrailMetrics"
      metric      = "SecurityGroupEventCount"
    }
  }
}

# Ends a run in another account or region, and one without the log group.
data "aws_cloudwatch_log_group" "trail" {
  name = local.log_group

  lifecycle {
    postcondition {
      condition     = trimsuffix(self.arn, ":*") == "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/cloudtrail/org"
      error_message = "These resources are for eu-central-1 in account 111122223333."
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "control" {
  for_each = local.filters

  name           = each.value.name
  log_group_name = data.aws_cloudwatch_log_group.trail.name
  pattern        = each.value.pattern

  metric_transformation {
    name          = each.value.metric
    namespace     = each.value.namespace
    value         = "1"
    default_value = "0"
    unit          = "None"
  }
}

resource "aws_cloudwatch_metric_alarm" "control" {
  for_each = local.alarms

  alarm_name          = each.value.name
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  actions_enabled     = true
  alarm_actions       = ["arn:aws:sns:eu-central-1:111122223333:security"]
  tags = {
    "monitorctl:managed" = "terraform"
  }
}
