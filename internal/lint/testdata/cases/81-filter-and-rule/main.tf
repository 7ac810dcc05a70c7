resource "aws_cloudwatch_log_metric_filter" "config" {
  name           = "config"
  log_group_name = "trail"
  pattern        = "{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel)) }"
  metric_transformation {
    name      = "config"
    namespace = "CIS"
    value     = "1"
  }
}

resource "aws_cloudwatch_event_rule" "config" {
  event_pattern = jsonencode({
    source = ["aws.config"]
    detail = { eventName = ["PutDeliveryChannel", "PutConfigurationRecorder"] }
  })
}

resource "aws_cloudwatch_event_rule" "keys" {
  event_pattern = jsonencode({
    source = ["aws.kms"]
    detail = { eventName = ["DisableKey", "ScheduleKeyDeletion"] }
  })
}
