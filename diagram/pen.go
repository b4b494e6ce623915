package diagram

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// point is a place in pixels at scale 1.
type point struct{ x, y float64 }

// pen draws on a picture in pixels at scale 1.
type pen struct {
	picture *image.RGBA
	scale   float64
	faces   map[typeface]font.Face
}

// typeface is a font at a size, in pixels at scale 1.
type typeface struct {
	bold bool
	size float64
}

func newPen() *pen { return &pen{scale: 1, faces: map[typeface]font.Face{}} }

// canvas begins a white picture.
func (p *pen) canvas(width, height, scale float64) {
	p.scale, p.faces = scale, map[typeface]font.Face{}
	p.picture = image.NewRGBA(image.Rect(0, 0, int(math.Ceil(width*scale)), int(math.Ceil(height*scale))))
	draw.Draw(p.picture, p.picture.Bounds(), image.White, image.Point{}, draw.Src)
}

// face is a typeface at the picture's scale.
func (p *pen) face(t typeface) (font.Face, error) {
	if f, ok := p.faces[t]; ok {
		return f, nil
	}
	data := goregular.TTF
	if t.bold {
		data = gobold.TTF
	}
	parsed, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: t.size * p.scale, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, fmt.Errorf("set the font's size: %w", err)
	}
	p.faces[t] = f
	return f, nil
}

// width is how wide a text is.
func (p *pen) width(text string, t typeface) (float64, error) {
	f, err := p.face(t)
	if err != nil {
		return 0, err
	}
	return float64(font.MeasureString(f, text)) / 64 / p.scale, nil
}

// fit is the text, cut in its middle where it is wider than a width: names mostly differ at their ends.
func (p *pen) fit(text string, t typeface, width float64) (string, error) {
	const most = 100 // no box is wider
	runes := []rune(text)
	for kept := min(len(runes), most); ; kept-- {
		shown := text
		if kept < len(runes) {
			shown = string(runes[:(kept+1)/2]) + "…" + string(runes[len(runes)-kept/2:])
		}
		w, err := p.width(shown, t)
		if err != nil || w <= width || kept < 4 {
			return shown, err
		}
	}
}

// text writes at a base line's beginning.
func (p *pen) text(text string, t typeface, at point, c color.Color) error {
	f, err := p.face(t)
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: p.picture, Src: image.NewUniform(c), Face: f,
		Dot: fixed.Point26_6{X: fixed.Int26_6(at.x * p.scale * 64), Y: fixed.Int26_6(at.y * p.scale * 64)}}
	d.DrawString(text)
	return nil
}

// fill fills a polygon.
func (p *pen) fill(outline []point, c color.Color) {
	low, high := outline[0], outline[0]
	for _, o := range outline {
		low = point{min(low.x, o.x), min(low.y, o.y)}
		high = point{max(high.x, o.x), max(high.y, o.y)}
	}
	at := image.Pt(int(math.Floor(low.x*p.scale)), int(math.Floor(low.y*p.scale)))
	size := image.Pt(int(math.Ceil(high.x*p.scale)), int(math.Ceil(high.y*p.scale))).Sub(at)
	r := vector.NewRasterizer(size.X, size.Y)
	for i, o := range outline {
		x, y := float32(o.x*p.scale-float64(at.X)), float32(o.y*p.scale-float64(at.Y))
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	r.Draw(p.picture, image.Rectangle{Min: at, Max: at.Add(size)}, image.NewUniform(c), image.Point{})
}

// stroke draws a smooth line of some width.
func (p *pen) stroke(line []point, width float64, c color.Color) {
	outline := make([]point, 2*len(line))
	for i, at := range line {
		before, behind := line[max(i-1, 0)], line[min(i+1, len(line)-1)]
		dx, dy := behind.x-before.x, behind.y-before.y
		length := max(math.Hypot(dx, dy), 1e-9)
		nx, ny := -dy/length*width/2, dx/length*width/2
		outline[i] = point{at.x + nx, at.y + ny}
		outline[len(outline)-1-i] = point{at.x - nx, at.y - ny}
	}
	p.fill(outline, c)
}

// curve is an S from one place to another, level at both ends.
func curve(from, to point) []point {
	const steps = 24
	line := make([]point, steps+1)
	for i := range line {
		t := float64(i) / steps
		// A Bézier curve whose handles are level and half as long as the way.
		u := 1 - t
		x := u*u*u*from.x + 3*u*u*t*(from.x+to.x)/2 + 3*u*t*t*(from.x+to.x)/2 + t*t*t*to.x
		y := (u*u*u+3*u*u*t)*from.y + (3*u*t*t+t*t*t)*to.y
		line[i] = point{x, y}
	}
	return line
}

// rounded is a rectangle with round corners.
func rounded(at point, width, height, radius float64) []point {
	var outline []point
	corners := []point{{at.x + width - radius, at.y + radius}, {at.x + width - radius, at.y + height - radius}, {at.x + radius, at.y + height - radius}, {at.x + radius, at.y + radius}}
	for i, corner := range corners {
		for k := range 9 {
			angle := -math.Pi/2 + (float64(i)+float64(k)/8)*math.Pi/2
			outline = append(outline, point{corner.x + radius*math.Cos(angle), corner.y + radius*math.Sin(angle)})
		}
	}
	return outline
}

// dashes cuts a closed outline into dashes.
func dashes(outline []point, dash float64) [][]point {
	var all [][]point
	var now []point
	along, on := 0.0, true
	for i := range outline {
		from, to := outline[i], outline[(i+1)%len(outline)]
		length := math.Hypot(to.x-from.x, to.y-from.y)
		for done := 0.0; done < length; {
			step := min(dash-along, length-done)
			a, b := done/length, (done+step)/length
			if on {
				now = append(now, point{from.x + (to.x-from.x)*a, from.y + (to.y-from.y)*a}, point{from.x + (to.x-from.x)*b, from.y + (to.y-from.y)*b})
			}
			done += step
			if along += step; along >= dash-1e-6 {
				if on {
					all = append(all, now)
				}
				now, along, on = nil, 0, !on
			}
		}
	}
	return all
}
