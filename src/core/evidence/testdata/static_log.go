// Writes logs as C2SP tlog-tiles has them, with Go's golang.org/x/mod/sumdb alone: the hashes, tiles and notes of these logs are Go's.
//
//	go run static_log.go FOLDER SIZE...
//
// makes FOLDER/SIZE with the first SIZE entries of one log, FOLDER/fork-SIZE where entry 100 is another one, both signed by the key whose verifier
// is written to FOLDER/vkey.
package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes map[int64]tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, index := range indexes {
		out = append(out, h[index])
	}
	return out, nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func write(path string, data []byte) {
	check(os.MkdirAll(filepath.Dir(path), 0o755))
	check(os.WriteFile(path, data, 0o644))
}

func record(i int64, forked bool) []byte {
	if forked && i == 100 {
		return []byte(`{"keys":["ffffffff"],"time":1700000000000,"v":1}`)
	}
	time := 1700000000000 + i*1000
	key := "0a0b0c0d"
	switch i {
	case 300:
		time = 1
	case 301:
		time = 4000000000000
	case 302:
		key = "deadbeef"
	}
	return []byte(fmt.Sprintf(`{"keys":["%s"],"time":%d,"v":1}`, key, time))
}

func makeLog(folder string, size int64, forked bool, signer note.Signer) {
	stored := hashes{}
	bundles := map[int64][]byte{}
	for i := int64(0); i < size; i++ {
		data := record(i, forked)
		fresh, err := tlog.StoredHashes(i, data, stored)
		check(err)
		for j, hash := range fresh {
			stored[tlog.StoredHashIndex(0, i)+int64(j)] = hash
		}
		length := make([]byte, 2)
		binary.BigEndian.PutUint16(length, uint16(len(data)))
		bundles[i/256] = append(append(bundles[i/256], length...), data...)
	}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		if tile.W < 256 && int64(tile.W) != size>>(8*tile.L)%256 {
			continue // of a smaller tree
		}
		data, err := tlog.ReadTileData(tile, stored)
		check(err)
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		write(filepath.Join(folder, path), data)
		if tile.L == 0 {
			write(filepath.Join(folder, strings.Replace(path, "tile/0/", "tile/entries/", 1)), bundles[tile.N])
		}
	}
	root, err := tlog.TreeHash(size, stored)
	check(err)
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, root)}, signer)
	check(err)
	write(filepath.Join(folder, "checkpoint"), signed)
}

func main() {
	skey, vkey, err := note.GenerateKey(rand.Reader, "log.example/go")
	check(err)
	signer, err := note.NewSigner(skey)
	check(err)
	write(filepath.Join(os.Args[1], "vkey"), []byte(vkey))
	for _, arg := range os.Args[2:] {
		size, err := strconv.ParseInt(arg, 10, 64)
		check(err)
		makeLog(filepath.Join(os.Args[1], arg), size, false, signer)
		makeLog(filepath.Join(os.Args[1], "fork-"+arg), size, true, signer)
	}
}
