// Checks a published log with other people's code only (golang.org/x/mod/sumdb): the signature of the checkpoint, every
// entry against the tiles, the tiles against the signed root, inclusion, and consistency with an older checkpoint.
//
//	goverify FOLDER VKEY [OLD-CHECKPOINT]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// folder reads tiles where tlog-tiles puts them: Go's own name for tile/0/000 is tile/8/0/000.
type folder string

func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), name))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func fail(format string, values ...any) {
	fmt.Printf("FAIL "+format+"\n", values...)
	os.Exit(1)
}

func must(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func openCheckpoint(path string, verifiers note.Verifiers) tlog.Tree {
	data, err := os.ReadFile(path)
	must(err, "checkpoint")
	opened, err := note.Open(data, verifiers)
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != opened.Sigs[0].Name {
		fail("checkpoint: not three lines of its own log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err, "root")
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

func entries(dir folder, index, width int64) [][]byte {
	tile := tlog.Tile{H: height, L: -1, N: index, W: int(width)}
	name := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(string(dir), name))
	must(err, "entries")
	var all [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			fail("entries: %s ends within an entry", name)
		}
		length := int(binary.BigEndian.Uint16(data))
		all = append(all, data[2:2+length])
		data = data[2+length:]
	}
	if int64(len(all)) != width {
		fail("entries: %s has %d of %d", name, len(all), width)
	}
	return all
}

func main() {
	dir := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	must(err, "key")
	verifiers := note.VerifierList(verifier)
	tree := openCheckpoint(filepath.Join(string(dir), "checkpoint"), verifiers)
	hashes := tlog.TileHashReader(tree, dir) // gives only hashes that lead to the signed root
	for first := int64(0); first < tree.N; first += 1 << height {
		width := tree.N - first
		if width > 1<<height {
			width = 1 << height
		}
		for at, entry := range entries(dir, first>>height, width) {
			index := first + int64(at)
			stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			must(err, fmt.Sprintf("tile of entry %d", index))
			if stored[0] != tlog.RecordHash(entry) {
				fail("entry %d", index)
			}
			if index%17 == 0 || index == tree.N-1 {
				proof, err := tlog.ProveRecord(tree.N, index, hashes)
				must(err, "inclusion proof")
				must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)), "inclusion")
			}
		}
	}
	fmt.Printf("ok %d entries\n", tree.N)
	if len(os.Args) > 3 {
		old := openCheckpoint(os.Args[3], verifiers)
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		must(err, "consistency proof")
		must(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash), "consistency")
		fmt.Printf("ok consistent with %d\n", old.N)
	}
}
