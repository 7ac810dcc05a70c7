package collect

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	conf, creds := filepath.Join(dir, "config"), filepath.Join(dir, "credentials")
	for name, text := range map[string]string{
		conf:  "[default]\nregion=x\r\n[profile prod]\r\n  [ profile  with blank ]\n[sso-session corp]\n# [profile no]\n[services s]\n",
		creds: "[prod]\naws_access_key_id=[x]\n[other]\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", conf)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", creds)
	if got, want := Profiles(), []string{"default", "other", "prod", "with blank"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	if got := Profiles(); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}
