package wire

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"antigravity-tools/backend/rawjson"
)

var errVector = errors.New("not an array of numbers")

// VectorToBase64 writes a JSON array of numbers as little-endian 32-bit floats
// in base64, the compact form of OpenAI's embeddings.
func VectorToBase64(values json.RawMessage) (string, error) {
	if rawjson.KindOf(values) != rawjson.KindArray {
		return "", errVector
	}
	raw := make([]byte, 0, len(values)/2)
	for item := range rawjson.Items(values) {
		f, err := strconv.ParseFloat(string(item), 32)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return "", errVector
		}
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(f)))
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// VectorFromBase64 is the reverse.
func VectorFromBase64(data string) (json.RawMessage, error) {
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(raw)%4 != 0 {
		return nil, errVector
	}
	out := make([]byte, 0, len(raw)*3)
	out = append(out, '[')
	for i := 0; i < len(raw); i += 4 {
		f := math.Float32frombits(binary.LittleEndian.Uint32(raw[i:]))
		if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
			return nil, errVector // JSON has no word for it
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendFloat(out, float64(f), 'g', -1, 32)
	}
	return append(out, ']'), nil
}

// CheckVector tells whether raw is a JSON array of numbers.
func CheckVector(raw []byte) error {
	if rawjson.KindOf(raw) != rawjson.KindArray {
		return errVector
	}
	for item := range rawjson.Items(raw) {
		if rawjson.KindOf(item) != rawjson.KindNumber {
			return errVector
		}
	}
	return nil
}
