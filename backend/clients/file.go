package clients

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
	"unicode/utf8"

	"antigravity-tools/backend/fault"
)

// maxFile is the size in bytes beyond which a settings file is not taken for one.
const maxFile = 16 << 20

// keptBackups is how many backups a client has before the oldest goes.
const keptBackups = 20

// bom is what some editors put before UTF-8; it stays where it is.
const bom = "\xef\xbb\xbf"

// content is a settings file as it lies on the disk.
type content struct {
	path   string
	target string // what path leads to through symbolic links
	exists bool
	raw    []byte
	mode   fs.FileMode
}

// body is the text without the byte order mark.
func (c content) body() []byte { return bytes.TrimPrefix(c.raw, []byte(bom)) }

// with gives the bytes of the file with another body.
func (c content) with(body []byte) []byte {
	if len(c.body()) == len(c.raw) {
		return body
	}
	return append([]byte(bom), body...)
}

// load reads a settings file; one that does not exist is empty.
func load(path string) (content, error) {
	c := content{path: path, target: path, mode: 0o600}
	link, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fault.Wrap(fault.Internal, path+" cannot be read", err).WithCode("file_unreadable").WithHint("check the permissions of its folder")
	}
	if link.Mode()&fs.ModeSymlink != 0 {
		if c.target, err = filepath.EvalSymlinks(path); err != nil {
			return c, fault.Wrap(fault.InvalidRequest, path+" is a link that leads nowhere", err).WithCode("broken_link").
				WithHint("mend or remove the link")
		}
	}
	info, err := os.Stat(c.target)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return c, fault.Wrap(fault.InvalidRequest, path+" is no settings file: no regular file, or larger than 16 MiB", err).WithCode("file_unreadable")
	}
	if c.raw, err = os.ReadFile(c.target); err != nil {
		return c, fault.Wrap(fault.Internal, path+" cannot be read", err).WithCode("file_unreadable").WithHint("check its permissions")
	}
	c.exists, c.mode = true, info.Mode().Perm()
	if !utf8.Valid(c.raw) {
		line, column := position(c.raw, invalidAt(c.raw))
		return c, describe(path, &brokenError{line, column, "the text is not UTF-8"})
	}
	return c, nil
}

// invalidAt is the offset of the first byte that is no UTF-8.
func invalidAt(raw []byte) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(raw)
}

// describe turns an editor's error into one that names the file.
func describe(path string, err error) error {
	if b, ok := errors.AsType[*brokenError](err); ok {
		return fault.New(fault.InvalidRequest, path+":"+b.Error()).WithCode("broken_file").
			WithHint("it was not touched; mend it there, then try again")
	}
	if s, ok := errors.AsType[*shapeError](err); ok {
		return fault.New(fault.InvalidRequest, path+": "+s.what).WithCode("cannot_edit").WithHint("it was not touched; change it by hand")
	}
	return err
}

// write replaces a file by another of the same mode and owner, so that whoever reads it sees the old
// bytes or the new ones, also after a crash. The directories are made, and returned if they were.
func (c content) write(raw []byte) (made []string, err error) {
	dir := filepath.Dir(c.target)
	if made, err = makeDirs(dir); err != nil {
		return made, cannotWrite(c.path, err)
	}
	if err := writeFile(c.target, raw, c.mode); err != nil {
		return made, cannotWrite(c.path, err)
	}
	return made, nil
}

func cannotWrite(path string, err error) error {
	return fault.Wrap(fault.Internal, path+" cannot be written", err).WithCode("file_unwritable").
		WithHint("check the permissions of its folder")
}

func writeFile(target string, raw []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(target), ".antigravity-*")
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		keepOwner(target, f.Name())
		err = os.Chmod(f.Name(), mode)
	}
	if err == nil {
		err = os.Rename(f.Name(), target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(target))
}

// makeDirs makes a directory with those above it and lists what it made, the deepest last.
func makeDirs(dir string) ([]string, error) {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil, nil
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return nil, fs.ErrNotExist
	}
	made, err := makeDirs(parent)
	if err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return made, err
	}
	return append(made, dir), nil
}

// removeDirs removes directories that we made, as long as they are empty.
func removeDirs(made []string) {
	for i := len(made) - 1; i >= 0; i-- {
		if os.Remove(made[i]) != nil {
			return
		}
	}
}

func sum(raw []byte) string {
	s := sha256.Sum256(raw)
	return hex.EncodeToString(s[:])
}

// backup copies a file into the client's folder of backups and lets go of the oldest.
func backup(dir string, c content, now time.Time) error {
	if !c.exists {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return cannotWrite(dir, err)
	}
	stamp := now.UTC().Format("20060102T150405.000Z")
	for n := 0; ; n++ {
		name := stamp + "-" + strconv.Itoa(n) + "-" + filepath.Base(c.path)
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		if err := writeFile(path, c.raw, 0o600); err != nil {
			return cannotWrite(path, err)
		}
		return trimBackups(dir)
	}
}

func trimBackups(dir string) error {
	list, err := os.ReadDir(dir) // sorted by name, which is by time
	if err != nil {
		return cannotWrite(dir, err)
	}
	for i := 0; i < len(list)-keptBackups; i++ {
		if err := os.Remove(filepath.Join(dir, list[i].Name())); err != nil {
			return cannotWrite(dir, err)
		}
	}
	return nil
}
