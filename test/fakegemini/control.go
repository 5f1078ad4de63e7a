package fakegemini

// Controlled is a fake as package fakecontrol drives it: one script for all
// keys, which each further one replaces.
type Controlled struct{ *Server }

// Controlled is the fake as package fakecontrol drives it.
func (s *Server) Controlled() Controlled { return Controlled{s} }

// Script sets what the next requests get.
func (c Controlled) Script(steps ...Step) {
	c.ClearScripts()
	c.Server.Script("", steps...)
}

// Refused are the errors that rules found in requests, each with its rule.
func (c Controlled) Refused() []string {
	var out []string
	for _, r := range c.Server.Refused() {
		out = append(out, r.Rule+": "+r.Error)
	}
	return out
}
