package openai

import (
	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/wire"
)

// EncodeError returns the status and {"error":{message,type,param,code}}. The
// request id has no place in OpenAI's shape; the header carries it.
func (Client) EncodeError(err *fault.Error, _ string) (status int, body []byte) {
	return err.HTTPStatus(), wire.AppendOpenAIError(nil, err)
}
