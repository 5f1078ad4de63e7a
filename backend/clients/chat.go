package clients

// chatCall is a call of OpenAI's chat protocol.
func chatCall() Call {
	return Call{
		Path: "/chat/completions", Header: "Authorization", Text: TextPath{"choices", "delta", "content"},
		Body: `{"model":"{model}","stream":true,"messages":[{"role":"user","content":"Say hello."}]}`,
	}
}

// pathsOfV1 are the troubles of clients that add /chat/completions to the base URL.
func pathsOfV1() Trouble {
	return Trouble{"404 for /chat/completions", "The base URL must end in /v1: {root}/v1."}
}
