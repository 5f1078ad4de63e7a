package media

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"antigravity-tools/backend/fault"
	"antigravity-tools/backend/protocol/wire"
)

// aspect is a ratio of width to height that models know by name.
type aspect struct {
	name  string
	ratio float64
}

// aspects are the ratios of Gemini's models, in the order in which a size is
// compared with them (wire.md (i)).
func aspects() []aspect {
	return []aspect{
		{"21:9", 21. / 9}, {"16:9", 16. / 9}, {"4:3", 4. / 3}, {"3:4", 3. / 4}, {"9:16", 9. / 16},
		{"3:2", 3. / 2}, {"2:3", 2. / 3}, {"5:4", 5. / 4}, {"4:5", 4. / 5}, {"1:1", 1},
	}
}

// nearly is how far a ratio may be from one with a name to count as it.
const nearly = 0.05

// Widths or heights from which a picture is of the next size, in pixels.
const (
	from2K = 1900
	from4K = 3000
	// maxSide is the largest side that OpenAI's models take.
	maxSide = 3840
)

// form2D settles ratio and size of the picture: an explicit quality outranks
// the number of pixels.
func (d *imageDecoder) form2D() error {
	longer := 0
	switch size := d.size; {
	case size == "" || size == "auto":
	case strings.Contains(size, ":"):
		if !slices.ContainsFunc(aspects(), func(a aspect) bool { return a.name == size }) {
			return fault.Invalid("size", "this ratio is not one that pictures come in")
		}
		d.req.Image.Aspect = size
	default:
		width, height, ok := pixels(size)
		if !ok {
			return fault.Invalid("size", "expected WIDTHxHEIGHT with a ratio from 1:3 to 3:1, as in 1024x1024, or auto")
		}
		longer = max(width, height)
		name, exact := nearest(float64(width) / float64(height))
		d.req.Image.Aspect = name
		if !exact {
			d.losses.Adapt("image.aspect", "size", name)
		}
	}
	return d.detail(longer)
}

func (d *imageDecoder) detail(longer int) error {
	switch d.quality {
	case "", "auto":
		switch {
		case longer >= from4K:
			d.req.Image.Size = "4K"
		case longer >= from2K:
			d.req.Image.Size = "2K"
		}
	case "hd", "4k", "high", "xhigh", "max":
		d.req.Image.Size = "4K"
	case "medium", "2k":
		d.req.Image.Size = "2K"
	case "standard", "1k", "low":
		d.req.Image.Size = "1K"
	default:
		return wire.At("quality", wire.Unknown(d.quality, "auto", "low", "medium", "high", "standard", "hd"))
	}
	return nil
}

func pixels(size string) (width, height int, ok bool) {
	w, h, found := strings.Cut(strings.ToLower(size), "x")
	width, errW := strconv.Atoi(w)
	height, errH := strconv.Atoi(h)
	if !found || errW != nil || errH != nil || width < 1 || height < 1 || width > maxSide || height > maxSide {
		return 0, 0, false
	}
	ratio := float64(width) / float64(height)
	return width, height, ratio >= 1./3-nearly && ratio <= 3+nearly
}

// nearest gives the ratio with a name that is close to r, or else the closest.
func nearest(r float64) (name string, exact bool) {
	best := math.Inf(1)
	for _, a := range aspects() {
		if math.Abs(a.ratio-r) <= nearly {
			return a.name, true
		}
		if d := math.Abs(math.Log(a.ratio / r)); d < best {
			best, name = d, a.name
		}
	}
	return name, false
}
