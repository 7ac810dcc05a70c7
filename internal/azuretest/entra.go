package azuretest

import (
	"fmt"
	"net/http"
	"strings"
)

// isEntra reports whether a path is one of the token service.
func isEntra(path string) bool {
	return strings.Contains(path, "/oauth2/") || strings.Contains(path, "/.well-known/")
}

// entra answers for Entra ID: its description, and tokens for any client secret but
// "wrong".
func (c *Cloud) entra(w http.ResponseWriter, r *http.Request) {
	tenant, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	base := "https://" + r.Host + "/" + tenant
	if strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration") {
		answer(w, map[string]any{
			"issuer": base + "/v2.0", "authorization_endpoint": base + "/oauth2/v2.0/authorize", "token_endpoint": base + "/oauth2/v2.0/token",
		}, nil)
		return
	}
	if err := r.ParseForm(); err != nil || r.PostForm.Get("client_secret") == "wrong" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided."}`)
		return
	}
	token := c.newToken(tenant)
	answer(w, map[string]any{"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600, "access_token": token}, nil)
}
