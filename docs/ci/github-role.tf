# A role that jobs of one repository and branch assume with GitHub's token, and that can
# read what an audit reads and nothing else. The policy is made by
#
#   monitorctl permissions audit --set cis -o json=monitorctl-audit.json
#
# The provider for tokens exists once in an account: import it, where it is there already.

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "monitorctl_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/infrastructure:ref:refs/heads/main"]
    }
  }
}

resource "aws_iam_role" "monitorctl" {
  name                 = "monitorctl-ci"
  assume_role_policy   = data.aws_iam_policy_document.monitorctl_trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "monitorctl" {
  name   = "audit"
  role   = aws_iam_role.monitorctl.id
  policy = file("${path.module}/monitorctl-audit.json")
}
