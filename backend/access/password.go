package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"antigravity-tools/backend/fault"
)

// The cost of hashing the admin password: argon2id with 19 MiB, two passes, one
// lane, the least that OWASP's password storage notes advise. It takes some tens
// of milliseconds; whoever calls VerifyPassword bounds how many run at once.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltLength  = 16
	hashLength  = 32
)

// maxPassword bounds a password, in bytes; MinPassword is the shortest one to be set.
const (
	MinPassword = 8
	maxPassword = 1024
)

// NewPassword makes an admin password that can be read aloud: 20 characters
// without look-alikes, in groups of four; 99 bits.
func NewPassword() string {
	const alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
	s := randomText(alphabet, 20)
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:]
}

// HashPassword gives the text to store for a password: PHC form, with the cost and
// a new salt inside.
func HashPassword(password string) (string, error) {
	if len(password) < MinPassword || len(password) > maxPassword {
		return "", fault.Invalid("password", "the password must have %d to %d characters", MinPassword, maxPassword)
	}
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, hashLength)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// VerifyPassword reports whether a password fits a stored hash. A hash that cannot
// be read, or whose cost is out of bounds, fits nothing.
func VerifyPassword(stored, password string) bool {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || len(password) > maxPassword {
		return false
	}
	var version int
	var memory, passes uint32
	var lanes uint8
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); n != 3 || err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(want) < 16 || len(want) > 64 ||
		memory < 8 || memory > 256*1024 || passes < 1 || passes > 16 || lanes < 1 || lanes > 16 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// SamePassword compares two passwords in constant time, for one that is given
// in the clear by the environment.
func SamePassword(want, got string) bool {
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(got))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
