// Roots, proofs and tile hashes of golang.org/x/mod/sumdb/tlog over the leaves "1", "2", …: what merkle_oracle_test.cpp compares with.
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = m[index]
	}
	return out, nil
}

func print(out *bufio.Writer, what string, hashes []tlog.Hash) {
	fmt.Fprint(out, what)
	for _, hash := range hashes {
		fmt.Fprint(out, " ", hex.EncodeToString(hash[:]))
	}
	fmt.Fprintln(out)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	const roots, pairs = 2000, 300
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	var stored memory
	for n := int64(0); n < roots; n++ {
		hashes, err := tlog.StoredHashes(n, []byte(fmt.Sprint(n+1)), stored)
		check(err)
		stored = append(stored, hashes...)
		root, err := tlog.TreeHash(n+1, stored)
		check(err)
		print(out, fmt.Sprintf("root %d", n+1), []tlog.Hash{root})
		proof, err := tlog.ProveRecord(n+1, (n*7)%(n+1), stored)
		check(err)
		print(out, fmt.Sprintf("inclusion %d %d", (n*7)%(n+1), n+1), proof)
	}
	for n := int64(1); n <= pairs; n++ {
		for m := int64(1); m <= n; m++ {
			proof, err := tlog.ProveTree(n, m, stored)
			check(err)
			print(out, fmt.Sprintf("consistency %d %d", m, n), proof)
		}
	}
}
