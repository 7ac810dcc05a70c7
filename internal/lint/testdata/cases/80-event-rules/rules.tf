resource "aws_cloudwatch_event_rule" "whole" {
  name = "cloudtrail"
  event_pattern = jsonencode({
    source      = ["aws.cloudtrail"]
    detail-type = ["AWS API Call via CloudTrail"]
    detail = {
      eventSource = ["cloudtrail.amazonaws.com"]
      eventName   = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]
    }
  })
}

resource "aws_cloudwatch_event_rule" "keys" {
  name          = "keys"
  event_pattern = <<-JSON
    {"source":["aws.kms"],"detail":{"eventName":["DisableKey"]}}
  JSON
}

resource "aws_cloudwatch_event_rule" "root" {
  name          = "root"
  event_pattern = "{\"detail-type\":[{\"suffix\":\" via CloudTrail\"}],\"detail\":{\"userIdentity\":{\"type\":[\"Root\"],\"invokedBy\":[{\"exists\":false}]},\"eventType\":[{\"anything-but\":\"AwsServiceEvent\"}]}}"
}

resource "aws_cloudwatch_event_rule" "routes" {
  event_pattern = jsonencode({
    source = ["aws.cloudtrail"]
    detail = { eventName = ["CreateRoute"] }
  })
}
