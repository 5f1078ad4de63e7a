package google

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"antigravity-tools/backend/fault"
	codec "antigravity-tools/backend/protocol/gemini"
	"antigravity-tools/backend/provider/googleauth"
	"antigravity-tools/backend/provider/listing"
	"antigravity-tools/backend/rawjson"
)

const maxReply = 8 << 20 // bytes of an answer about the account

// ask calls a method that tells something of the account. A token that the
// service refuses is renewed once.
func (p *Provider) ask(ctx context.Context, client *http.Client, base, method string, body []byte, src googleauth.Source) ([]byte, error) {
	address, err := rule().Join(base, method)
	if err != nil {
		return nil, err
	}
	return p.askAt(ctx, client, http.MethodPost, address, body, src)
}

func (p *Provider) askAt(ctx context.Context, client *http.Client, verb, address string, body []byte, src googleauth.Source) ([]byte, error) {
	for first := true; ; first = false {
		token, err := p.tokens.Get(ctx, src)
		if err != nil {
			return nil, err
		}
		req, err := p.signed(ctx, verb, address, strings.NewReader(string(body)), token)
		if err != nil {
			return nil, err
		}
		status, reply, err := p.do(client, req)
		if err == nil && status == http.StatusUnauthorized && first {
			p.tokens.Drop(src, token)
			continue
		}
		if err == nil && status/100 != 2 {
			err = p.Classify(status, http.Header{}, reply)
		}
		return reply, err
	}
}

func (p *Provider) do(client *http.Client, req *http.Request) (status int, reply []byte, err error) {
	src := listing.Source{Kind: Kind}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, src.Unreachable(req.Context(), err)
	}
	defer resp.Body.Close()
	reply, err = io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case err != nil:
		return 0, nil, src.Unreachable(req.Context(), err)
	case len(reply) > maxReply:
		return 0, nil, bad(errors.New("the answer is too large"))
	case resp.StatusCode/100 == 2 && rawjson.Check(reply, maxDepth) != nil:
		return 0, nil, bad(errors.New("the answer is not JSON"))
	}
	return resp.StatusCode, reply, nil
}

func bad(cause error) error {
	f := fault.Wrap(fault.UpstreamProtocol, "the upstream's answer about the account cannot be read", cause).
		WithHint("Check the base URL: it may lead to something that is not this provider's API.")
	f.Provider = Kind
	return f
}

// Classify implements provider.Provider.
func (*Provider) Classify(status int, header http.Header, body []byte) *fault.Error {
	f := codec.Upstream{}.DecodeError(status, header, body)
	if f.Code == codeValidation {
		f = askOwner(f, validationLink(body))
	}
	return f
}

// codeValidation is the fault code of an account that Google wants to be
// verified by its owner.
const codeValidation = "validation_required"

// askOwner tells where the account's owner has to verify it; link may be "".
func askOwner(f *fault.Error, link string) *fault.Error {
	f = f.WithHint(validationHint(link))
	f.Link = link
	return f
}

func validationHint(link string) string {
	if link == "" {
		return "Sign in to the account in a browser and follow Google's request, then use Try now."
	}
	return "Open " + link + " in a browser, then use Try now."
}
