package permissions

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// roleTitle describes the role in each account.
const roleTitle = "Role that monitorctl audit assumes in each account of an organization: it reads, and nothing else"

// object is a JSON object.
type object = map[string]any

// ManagementPolicy returns the policy of whoever lists the accounts and assumes the role in
// each, beside what an audit of their own account needs.
func ManagementPolicy(controls []catalog.Control, role string) Policy {
	p := For(Request{Command: Audit, Controls: controls, Many: true}, Scope{Partition: "*"})
	for i := range p.Statement {
		if p.Statement[i].Sid == "AccountRoles" {
			p.Statement[i].Resource = []string{"arn:*:iam::*:role/" + role}
		}
	}
	return p
}

// Template returns a CloudFormation template of the role, for a stack set over the
// organization. Who may assume it is a parameter.
func Template(controls []catalog.Control, role string) any {
	ref := func(name string) object { return object{"Ref": name} }
	trust := object{
		"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": object{"AWS": object{"Fn::Sub": "arn:${AWS::Partition}:iam::${AuditAccount}:root"}},
		"Condition": object{"StringEquals": object{
			"aws:PrincipalOrgID": ref("OrganizationId"),
			"sts:ExternalId":     object{"Fn::If": []any{"HasExternalId", ref("ExternalId"), ref("AWS::NoValue")}},
		}},
	}
	text := func(description string, more object) object {
		p := object{"Type": "String", "Description": description}
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	return object{
		"AWSTemplateFormatVersion": "2010-09-09",
		"Description":              roleTitle,
		"Parameters": object{
			"OrganizationId": text("Id of the organization; nobody outside of it can assume the role", object{"AllowedPattern": "^o-[a-z0-9]{10,32}$"}),
			"AuditAccount":   text("Account whose users and roles may assume the role, if their own policies let them", object{"AllowedPattern": "^[0-9]{12}$"}),
			"ExternalId":     text("What --external-id must say; empty for none", object{"Default": "", "NoEcho": true}),
		},
		"Conditions": object{"HasExternalId": object{"Fn::Not": []any{object{"Fn::Equals": []any{ref("ExternalId"), ""}}}}},
		"Resources": object{"AuditRole": object{
			"Type": "AWS::IAM::Role",
			"Properties": object{
				"RoleName":                 role,
				"Description":              roleTitle,
				"AssumeRolePolicyDocument": object{"Version": policyVersion, "Statement": []any{trust}},
				"Policies":                 []any{object{"PolicyName": "monitorctl-audit", "PolicyDocument": memberPolicy(controls)}},
			},
		}},
	}
}

// Terraform returns the same role as a module in Terraform's JSON.
func Terraform(controls []catalog.Control, role string) any {
	text := func(description string) object { return object{"type": "string", "description": description} }
	external := text("What --external-id must say; empty for none")
	external["default"], external["sensitive"] = "", true
	trust := `${jsonencode({Version = "` + policyVersion + `", Statement = [{Effect = "Allow", Action = "sts:AssumeRole", Principal = {AWS = "arn:aws:iam::${var.audit_account}:root"}, ` +
		`Condition = {StringEquals = merge({"aws:PrincipalOrgID" = var.organization_id}, var.external_id == "" ? {} : {"sts:ExternalId" = var.external_id})}}]})}`
	return object{
		"variable": object{
			"organization_id": text("Id of the organization; nobody outside of it can assume the role"),
			"audit_account":   text("Account whose users and roles may assume the role, if their own policies let them"),
			"external_id":     external,
		},
		"resource": object{
			"aws_iam_role":        object{"audit": object{"name": role, "description": roleTitle, "assume_role_policy": trust}},
			"aws_iam_role_policy": object{"audit": object{"name": "monitorctl-audit", "role": "${aws_iam_role.audit.name}", "policy": documentText(memberPolicy(controls))}},
		},
	}
}

// memberPolicy is what an audit reads in each account.
func memberPolicy(controls []catalog.Control) Policy {
	return For(Request{Command: Audit, Controls: controls, Member: true}, Scope{Partition: "*"})
}

// documentText writes a policy as a text of Terraform, whose templates it keeps away.
func documentText(p Policy) string {
	data, _ := json.Marshal(p) // plain data
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(data))
}
