package arm

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// Put writes a whole object: what the body leaves out is gone. Errors are as in Get;
// MayHaveHappened says what one means.
func (c *Client) Put(ctx context.Context, r Request, body json.RawMessage) error {
	_, _, err := c.do(ctx, http.MethodPut, r, c.url(r), body, http.StatusOK, http.StatusCreated)
	return err
}

// Delete removes an object. Azure may still be at it when it answers. That there is none
// is no error; others are as in Put.
func (c *Client) Delete(ctx context.Context, r Request) error {
	_, _, err := c.do(ctx, http.MethodDelete, r, c.url(r), nil, http.StatusOK, http.StatusAccepted, http.StatusNoContent)
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// Post asks for something to be done, with a body or nil, and returns the answer, which
// may be empty, with the address at which Azure says how far it is; "" where there is
// none. Errors are as in Put.
func (c *Client) Post(ctx context.Context, r Request, body json.RawMessage) (answer json.RawMessage, location string, err error) {
	answer, header, err := c.do(ctx, http.MethodPost, r, c.url(r), body, http.StatusOK, http.StatusAccepted)
	return answer, header.Get("Location"), err
}

// MayHaveHappened reports whether a write that failed with err may have taken effect: it
// got no answer, or a fault of the server.
func MayHaveHappened(err error) bool {
	var e *Error
	var signIn *CredentialError
	switch {
	case err == nil, errors.As(err, &signIn):
		return false
	case errors.As(err, &e):
		return e.Status == 0 || e.Status == http.StatusRequestTimeout || e.Status >= 500
	}
	return true
}
