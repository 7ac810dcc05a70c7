package collect

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const canary = "CANARY-s3cr3t"

// TestCredentialErrorsKeepSecrets lets every provider of the SDK's chain go wrong
// with a secret in its hands.
func TestCredentialErrorsKeepSecrets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the credential_process of the test are scripts of a Unix shell")
	}
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut { // IMDS hands out a token first
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
		}
		fmt.Fprintf(w, `{"Code":"%s","AccessKeyId":"%s","SecretAccessKey":"%s" broken`, canary, canary, canary)
	}))
	defer garbage.Close()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm() //nolint:errcheck // what is there is echoed
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>%s %v</Message></Error></ErrorResponse>`, canary, r.Form)
	}))
	defer refusing.Close()
	keys := "aws_access_key_id=AKIA\naws_secret_access_key=" + canary + "\n"
	process := func(script string) string { return "[profile p]\ncredential_process = sh -c \"" + script + "\"\n" }
	tests := []struct {
		name, config, credentials string
		env                       map[string]string
		want                      string
	}{
		{"process prints text", process("echo export KEY=" + canary), "", nil, "the credential_process of the profile printed no credentials"},
		{"process prints half a key", process(`echo '{\\"Version\\":1,\\"SecretAccessKey\\":\\"` + canary + `\\"}'`), "", nil, "the credential_process of the profile printed no credentials"},
		{"process fails", process("echo " + canary + "; echo " + canary + " >&2; exit 3"), "", nil, "the credential_process of the profile failed: exit status 3"},
		{"process is not there", "[profile p]\ncredential_process = /none/" + "x --token " + canary + "\n", "", nil, "the credential_process of the profile failed: exit status 127"},
		{"half a key in the file", "[profile p]\n", "[p]\naws_secret_access_key=" + canary + "\n", nil, ""},
		{"file without sense", "[profile p]\n", "[p]\n" + keys + "[[[" + canary + "\n", nil, ""},
		{"half a key in the environment", "", "", map[string]string{"AWS_SECRET_ACCESS_KEY": canary, "AWS_PROFILE": ""}, ""},
		{"SSO", "[profile p]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n[sso-session s]\nsso_region = eu-central-1\nsso_start_url = https://" + canary + ".example.com\n", "", nil, "the SSO token of the profile is missing, broken or over"},
		{"web identity", "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nweb_identity_token_file = TOKEN\n", "", map[string]string{"AWS_ENDPOINT_URL_STS": refusing.URL}, "sts:AssumeRoleWithWebIdentity answered InvalidIdentityToken"},
		{"web identity without its file", "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nweb_identity_token_file = /none/token\n", "", nil, "the source of the credentials gave none that can be used"},
		{"role of a profile", "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = q\n", "[q]\n" + keys, map[string]string{"AWS_ENDPOINT_URL_STS": refusing.URL}, "sts:AssumeRole answered InvalidIdentityToken"},
		{"role, garbage", "[profile p]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = q\n", "[q]\n" + keys, map[string]string{"AWS_ENDPOINT_URL_STS": garbage.URL}, "sts:AssumeRole"},
		{"container", "", "", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": garbage.URL + "/" + canary, "AWS_CONTAINER_AUTHORIZATION_TOKEN": canary, "AWS_PROFILE": ""}, "gave none that can be used"},
		{"instance metadata", "", "", map[string]string{"AWS_EC2_METADATA_SERVICE_ENDPOINT": garbage.URL, "AWS_EC2_METADATA_DISABLED": "false", "AWS_PROFILE": ""}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			isolate(t)
			dir := t.TempDir()
			token := filepath.Join(dir, "token")
			for name, text := range map[string]string{token: canary, filepath.Join(dir, "config"): strings.ReplaceAll(tt.config, "TOKEN", token), filepath.Join(dir, "credentials"): tt.credentials} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for name, value := range map[string]string{
				"HOME": dir, "AWS_CONFIG_FILE": filepath.Join(dir, "config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "credentials"),
				"AWS_PROFILE": "p", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_REGION": "eu-central-1",
			} {
				t.Setenv(name, value)
			}
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			var traced strings.Builder
			s, err := Connect(context.Background(), Config{Retries: once, Timeout: 5 * time.Second, Trace: func(a Attempt) { traced.WriteString(a.String()) }})
			if err == nil {
				_, err = s.Caller(context.Background())
			}
			if err == nil {
				t.Fatal("there were credentials")
			}
			if all := err.Error() + Message(err) + traced.String(); strings.Contains(all, canary) || strings.Contains(all, "\n") {
				t.Errorf("the secret is told: %s", all)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}
